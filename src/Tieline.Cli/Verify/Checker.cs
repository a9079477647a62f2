namespace Tieline.Cli.Verify;

/// <summary>Compares what people sent and were told with what is kept and what reached them. Looks at nothing but its arguments.</summary>
internal static partial class Checker
{
    /// <param name="people">Everybody who took part.</param>
    /// <param name="kept">Every message of every conversation, by seq.</param>
    public static Verdict Check(IReadOnlyList<Evidence> people, IReadOnlyList<KeptMessage> kept)
    {
        var verdict = new Verdict();
        var sent = people.SelectMany(person => person.Sent).ToDictionary(message => (message.From, message.ClientId));
        CheckKept(verdict, sent, kept);
        foreach (var person in people) CheckDelivered(verdict, person, sent);
        CheckReads(verdict, people, kept);
        return verdict;
    }

    private static void CheckKept(Verdict verdict, Dictionary<(string, string), SentMessage> sent, IReadOnlyList<KeptMessage> kept)
    {
        var places = kept.ToLookup(message => (message.From, message.ClientId), message => message.Place);
        foreach (var message in sent.Values)
        {
            var found = places[(message.From, message.ClientId)].ToList();
            if (found.Count > 1) verdict.AddDoubled($"{Name(message)} is kept {found.Count} times: {string.Join(", ", found)}");
            if (message.Acknowledged is not { } place) verdict.AddStrange($"{Name(message)} was never acknowledged");
            else if (found.Count == 0) verdict.AddLost($"{Name(message)} was acknowledged at {place} and is not kept");
            else if (!found.Contains(place)) verdict.AddLost($"{Name(message)} was acknowledged at {place} and is kept at {found[0]}");
        }

        foreach (var conversation in kept.GroupBy(message => message.Place.Conversation, StringComparer.Ordinal))
        {
            var due = 1L;
            foreach (var message in conversation.OrderBy(message => message.Place.Seq))
            {
                if (message.Place.Seq > due) verdict.AddGap($"{conversation.Key}: seq {message.Place.Seq} comes where {due} is due");
                else if (message.Place.Seq < due) verdict.AddDoubled($"{conversation.Key}: seq {message.Place.Seq} is there twice");
                due = message.Place.Seq + 1;
            }

            CheckOrder(verdict, $"kept in {conversation.Key}", conversation.OrderBy(message => message.Place.Seq), sent);
        }
    }

    private static void CheckDelivered(Verdict verdict, Evidence person, Dictionary<(string, string), SentMessage> sent)
    {
        var last = 0L;
        var seen = new HashSet<Place>();
        foreach (var delivery in person.Delivered)
        {
            if (delivery.Pos > last + 1) verdict.AddGap($"to {person.Person}: pos {delivery.Pos} comes after {last}");
            else if (delivery.Pos <= last) verdict.AddDoubled($"to {person.Person}: pos {delivery.Pos} comes after {last}");
            last = Math.Max(last, delivery.Pos);
            if (delivery.Message is { } message && !seen.Add(message.Place)) verdict.AddDoubled($"to {person.Person}: {message.Place} is delivered twice");
        }

        var messages = person.Delivered.Where(delivery => delivery.Message is not null).Select(delivery => delivery.Message!);
        CheckOrder(verdict, $"delivered to {person.Person}", messages, sent);
        foreach (var message in sent.Values)
        {
            if ((message.From == person.Person || message.To == person.Person) && message.Acknowledged is { } place && !seen.Contains(place))
                verdict.AddLost($"{Name(message)} was acknowledged at {place} and never reached {person.Person}");
        }
    }

    /// <summary>Each sender's numbers must rise, and each text be the one that was sent.</summary>
    private static void CheckOrder(Verdict verdict, string where, IEnumerable<KeptMessage> messages, Dictionary<(string, string), SentMessage> sent)
    {
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var message in messages)
        {
            if (!sent.TryGetValue((message.From, message.ClientId), out var original))
            {
                verdict.AddStrange($"{where}: {message.Place} was never sent");
                continue;
            }

            if (original.Text != message.Text) verdict.AddStrange($"{where}: {message.Place} is not the text that was sent");
            var before = last.GetValueOrDefault(message.From);
            if (original.Number < before) verdict.AddOutOfOrder($"{where}: {Name(original)} comes after number {before}");
            last[message.From] = Math.Max(before, original.Number);
        }
    }

    private static string Name(SentMessage message) => $"{message.From}'s message {message.Number} to {message.To}";
}
