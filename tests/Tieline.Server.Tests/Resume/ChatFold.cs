using System.Text;
using System.Text.Json;

namespace Tieline.Server.Tests.Resume;

/// <summary>What one client knows after it has taken in the events of its log, one after the other.</summary>
internal sealed class ChatFold
{
    private readonly SortedDictionary<string, SortedDictionary<long, string>> _messages = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _hidden = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (long Delivered, long Read)> _receipts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (bool Blocked, bool Muted)> _relations = new(StringComparer.Ordinal);

    private readonly SortedDictionary<string, string> _groups = new(StringComparer.Ordinal);

    public ChatFold()
    {
    }

    private ChatFold(ChatFold other)
    {
        Pos = other.Pos;
        foreach (var (conversation, messages) in other._messages) _messages.Add(conversation, new SortedDictionary<long, string>(messages));
        foreach (var (conversation, seq) in other._hidden) _hidden.Add(conversation, seq);
        foreach (var (who, receipt) in other._receipts) _receipts.Add(who, receipt);
        foreach (var (user, relation) in other._relations) _relations.Add(user, relation);
        foreach (var (id, group) in other._groups) _groups.Add(id, group);
    }

    /// <summary>The last event taken in.</summary>
    public long Pos { get; private set; }

    public ChatFold Copy() => new(this);

    /// <summary>Takes in a frame. Every event must be the next one: none missing, none twice, none out of order.</summary>
    public void Take(JsonElement frame)
    {
        var type = frame.GetProperty("type").GetString()!;
        if (type is not ("message" or "void" or "receipt" or "cleared" or "relation" or "conversation")) return;
        frame.GetProperty("pos").GetInt64().ShouldBe(Pos + 1, $"the next event, not {frame}");
        Pos++;
        switch (type)
        {
            case "message":
                TakeMessage(Text(frame, "conversation"), frame);
                break;
            case "receipt":
                var key = $"{Text(frame, "conversation")} {Text(frame, "user")}";
                var (delivered, read) = (Number(frame, "delivered_seq"), Number(frame, "read_seq"));
                _receipts.TryGetValue(key, out var before);
                (delivered >= before.Delivered && read >= before.Read).ShouldBeTrue($"{frame} steps back from {before}");
                _receipts[key] = (delivered, read);
                break;
            case "cleared":
                Hide(Text(frame, "conversation"), Number(frame, "seq"));
                break;
            case "conversation":
                var seen = frame.GetProperty("conversation");
                if (seen.TryGetProperty("name", out var name))
                    _groups[Text(seen, "conversation")] = $"{name} {Text(seen, "role")} {seen.GetProperty("muted")} {(seen.TryGetProperty("left", out _) ? "left" : "in")}";
                break;
            case "relation":
                _relations[Text(frame, "user")] = (frame.GetProperty("blocked").GetBoolean(), frame.GetProperty("muted").GetBoolean());
                break;
        }
    }

    public IReadOnlyList<string> MessagesOf(string conversation) => _messages.TryGetValue(conversation, out var messages) ? [.. messages.Select(message => $"{message.Key} {message.Value}")] : [];

    public long ReadBy(string conversation, string user) => _receipts.GetValueOrDefault($"{conversation} {user}").Read;

    public (bool Blocked, bool Muted) RelationTo(string user) => _relations.GetValueOrDefault(user);

    /// <summary>What the group is to this account: its name, the role in it, muted or not, in it or not.</summary>
    public string GroupOf(string conversation) => _groups.GetValueOrDefault(conversation, "");

    /// <summary>All of it, so that two can be compared and a difference read.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().AppendLine($"pos {Pos}");
        foreach (var (conversation, messages) in _messages.Where(entry => entry.Value.Count > 0)) text.AppendLine($"{conversation}: {string.Join(", ", messages.Select(message => $"{message.Key} {message.Value}"))}");
        foreach (var (conversation, seq) in _hidden) text.AppendLine($"{conversation}: hidden up to {seq}");
        foreach (var (who, receipt) in _receipts) text.AppendLine($"{who}: {receipt}");
        foreach (var (user, relation) in _relations) text.AppendLine($"{user}: {relation}");
        foreach (var (id, group) in _groups) text.AppendLine($"{id}: {group}");
        return text.ToString();
    }

    private void TakeMessage(string conversation, JsonElement frame)
    {
        var seq = Number(frame, "seq");
        if (seq <= _hidden.GetValueOrDefault(conversation)) return;
        if (!_messages.TryGetValue(conversation, out var messages)) _messages.Add(conversation, messages = []);
        messages.TryAdd(seq, $"{Text(frame, "from_user")} {Text(frame, "client_id")} {Text(frame, "message")}").ShouldBeTrue($"twice: {frame}");
    }

    private void Hide(string conversation, long upTo)
    {
        _hidden[conversation] = upTo;
        if (!_messages.TryGetValue(conversation, out var messages)) return;
        foreach (var seq in messages.Keys.Where(seq => seq <= upTo).ToList()) messages.Remove(seq);
    }

    private static string Text(JsonElement frame, string name) => frame.GetProperty(name).GetString()!;

    private static long Number(JsonElement frame, string name) => frame.GetProperty(name).GetInt64();
}
