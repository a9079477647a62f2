namespace Tieline.Cli.Verify;

/// <summary>What people read, and what they were told that others had read, against what is kept.</summary>
internal static partial class Checker
{
    private static void CheckReads(Verdict verdict, IReadOnlyList<Evidence> people, IReadOnlyList<KeptMessage> kept)
    {
        var stored = kept.DistinctBy(message => message.Place).ToDictionary(message => message.Place);
        var heads = kept.GroupBy(message => message.Place.Conversation, StringComparer.Ordinal)
            .ToDictionary(messages => messages.Key, messages => messages.Max(message => message.Place.Seq), StringComparer.Ordinal);
        var marks = people.ToDictionary(person => person.Person, person => person.Marks, StringComparer.Ordinal);
        foreach (var person in people)
        {
            foreach (var reading in person.Readings) CheckReading(verdict, person.Person, reading, stored);
            CheckReceipts(verdict, person, marks, heads);
            foreach (var log in person.Logs) CheckLog(verdict, person, log);
        }
    }

    /// <summary>A page has no holes, holds what its reader knew already, and is what is kept for good.</summary>
    private static void CheckReading(Verdict verdict, string person, Reading reading, Dictionary<Place, KeptMessage> stored)
    {
        var last = 0L;
        foreach (var message in reading.Page)
        {
            var seq = message.Place.Seq;
            if (last > 0 && seq > last + 1) verdict.AddGap($"read by {person} in {reading.Conversation}: seq {seq} comes after {last}");
            else if (last > 0 && seq <= last) verdict.AddDoubled($"read by {person} in {reading.Conversation}: seq {seq} comes after {last}");
            last = Math.Max(last, seq);
            if (!stored.TryGetValue(message.Place, out var now)) verdict.AddLost($"read by {person}: {message.Place} is not kept");
            else if (now != message) verdict.AddStrange($"read by {person}: {message.Place} is another message now");
        }

        if (last < reading.Known) verdict.AddLost($"read by {person} in {reading.Conversation}: the newest is {last}, and it knew of {reading.Known}");
    }

    /// <summary>Receipts only grow, tell nothing that was not so, and in the end all that was confirmed.</summary>
    private static void CheckReceipts(Verdict verdict, Evidence person, Dictionary<string, IReadOnlyDictionary<string, ReadMark>> marks, Dictionary<string, long> heads)
    {
        var last = new Dictionary<(string Conversation, string User), ShownReceipt>();
        foreach (var receipt in person.Delivered.Where(delivery => delivery.Receipt is not null).Select(delivery => delivery.Receipt!).Where(receipt => receipt.User != person.Person))
        {
            var what = $"told to {person.Person}: {receipt.User} in {receipt.Conversation} received {receipt.Delivered}, read {receipt.Read}";
            if (last.TryGetValue((receipt.Conversation, receipt.User), out var before) && (receipt.Delivered < before.Delivered || receipt.Read < before.Read))
                verdict.AddOutOfOrder($"{what}, after {before.Delivered} and {before.Read}");
            last[(receipt.Conversation, receipt.User)] = receipt;
            if (receipt.Read > Mark(marks, receipt.User, receipt.Conversation).Said || receipt.Delivered > heads.GetValueOrDefault(receipt.Conversation)) verdict.AddStrange($"{what}, which is not so");
        }

        // What is told at the end stands in the log; the last of it may not have reached anybody's line before all was over.
        var end = (person.Logs.Count > 0 ? person.Logs[^1].Events : person.Delivered).Where(delivery => delivery.Receipt is not null).Select(delivery => delivery.Receipt!)
            .GroupBy(receipt => (receipt.Conversation, receipt.User)).ToDictionary(receipts => receipts.Key, receipts => receipts.Max(receipt => receipt.Read));
        var mine = person.Delivered.Where(delivery => delivery.Message is not null).Select(delivery => delivery.Message!.Place.Conversation).ToHashSet(StringComparer.Ordinal);
        foreach (var (user, conversations) in marks.Where(others => others.Key != person.Person))
        {
            foreach (var (conversation, mark) in conversations.Where(marked => mine.Contains(marked.Key)))
            {
                if (end.GetValueOrDefault((conversation, user)) is var told && told < mark.Confirmed) verdict.AddLost($"{user} has read {mark.Confirmed} of {conversation}, and {person.Person} was told {told}");
            }
        }
    }

    /// <summary>What reached somebody piece by piece, over however many lines, is what one uninterrupted reading gives.</summary>
    private static void CheckLog(Verdict verdict, Evidence person, WholeLog log)
    {
        var delivered = person.Delivered.DistinctBy(delivery => delivery.Pos).ToDictionary(delivery => delivery.Pos);
        var last = 0L;
        // Receipts go on being told for a moment after everybody has gone.
        var gone = delivered.Count == 0 ? 0 : delivered.Keys.Max();
        foreach (var entry in log.Events)
        {
            if (entry.Pos > last + 1) verdict.AddGap($"log of {person.Person} at {log.Where}: pos {entry.Pos} comes after {last}");
            else if (entry.Pos <= last) verdict.AddDoubled($"log of {person.Person} at {log.Where}: pos {entry.Pos} comes after {last}");
            last = Math.Max(last, entry.Pos);
            if (entry.Pos > gone && entry.Message is null) continue;
            if (!delivered.TryGetValue(entry.Pos, out var live)) verdict.AddLost($"log of {person.Person} at {log.Where}: pos {entry.Pos} was never delivered");
            else if (live.Message != entry.Message) verdict.AddStrange($"log of {person.Person} at {log.Where}: pos {entry.Pos} is {Name(entry)} and was delivered as {Name(live)}");
        }

        foreach (var live in delivered.Values.Where(live => live.Pos > last)) verdict.AddLost($"log of {person.Person} at {log.Where}: ends at {last}, and {live.Pos} was delivered");
    }

    private static ReadMark Mark(Dictionary<string, IReadOnlyDictionary<string, ReadMark>> marks, string user, string conversation) =>
        marks.GetValueOrDefault(user)?.GetValueOrDefault(conversation) ?? new ReadMark(0, 0);

    private static string Name(Delivery delivery) => delivery.Message is { } message ? $"{message.Place} of {message.From}" : "no message";
}
