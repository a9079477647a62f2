using System.Text;
using System.Text.Json;

namespace Tieline.Server.Tests.Resume;

/// <summary>What one client knows after it has taken in the events of its log, one after the other.</summary>
internal sealed class ChatFold
{
    /// <summary>A message, and when it leaves by the client's own clock.</summary>
    private sealed record Shown(string Line, DateTimeOffset? Expires, bool Starred = false);

    private readonly TimeProvider _time;
    private readonly SortedDictionary<string, SortedDictionary<long, Shown>> _messages = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _hidden = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (long Delivered, long Read)> _receipts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (bool Blocked, bool Muted)> _relations = new(StringComparer.Ordinal);

    private readonly SortedDictionary<string, string> _groups = new(StringComparer.Ordinal);

    private readonly SortedDictionary<string, long> _timers = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _drafts = new(StringComparer.Ordinal);

    public ChatFold(TimeProvider time) => _time = time;

    private ChatFold(ChatFold other) : this(other._time)
    {
        Pos = other.Pos;
        foreach (var (conversation, messages) in other._messages) _messages.Add(conversation, new SortedDictionary<long, Shown>(messages));
        foreach (var (conversation, seq) in other._hidden) _hidden.Add(conversation, seq);
        foreach (var (who, receipt) in other._receipts) _receipts.Add(who, receipt);
        foreach (var (user, relation) in other._relations) _relations.Add(user, relation);
        foreach (var (id, group) in other._groups) _groups.Add(id, group);
        foreach (var (conversation, seconds) in other._timers) _timers.Add(conversation, seconds);
        foreach (var (conversation, draft) in other._drafts) _drafts.Add(conversation, draft);
    }

    /// <summary>The last event taken in.</summary>
    public long Pos { get; private set; }

    public ChatFold Copy() => new(this);

    /// <summary>Takes in a frame. Every event must be the next one: none missing, none twice, none out of order.</summary>
    public void Take(JsonElement frame)
    {
        var type = frame.GetProperty("type").GetString()!;
        if (type is not ("message" or "void" or "receipt" or "cleared" or "relation" or "conversation" or "update" or "hidden" or "starred" or "draft")) return;
        frame.GetProperty("pos").GetInt64().ShouldBe(Pos + 1, $"the next event, not {frame}");
        Pos++;
        switch (type)
        {
            case "message":
                TakeMessage(Text(frame, "conversation"), frame);
                break;
            case "update" or "hidden" or "starred":
                TakeChange(type, MessagesIn(Text(frame, "conversation")), frame);
                break;
            case "draft":
                _drafts[Text(frame, "conversation")] = frame.GetProperty("message").GetString() ?? "";
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
                _timers[Text(seen, "conversation")] = seen.TryGetProperty("disappear_s", out var seconds) ? seconds.GetInt64() : 0;
                if (seen.TryGetProperty("name", out var name))
                    _groups[Text(seen, "conversation")] = $"{name} {Text(seen, "role")} {seen.GetProperty("muted")} {(seen.TryGetProperty("left", out _) ? "left" : "in")}";
                break;
            case "relation":
                _relations[Text(frame, "user")] = (frame.GetProperty("blocked").GetBoolean(), frame.GetProperty("muted").GetBoolean());
                break;
        }
    }

    public IReadOnlyList<string> MessagesOf(string conversation) => [.. ShownIn(conversation).Select(message => message.Line)];

    public long ReadBy(string conversation, string user) => _receipts.GetValueOrDefault($"{conversation} {user}").Read;

    public (bool Blocked, bool Muted) RelationTo(string user) => _relations.GetValueOrDefault(user);

    /// <summary>What the group is to this account: its name, the role in it, muted or not, in it or not.</summary>
    public string GroupOf(string conversation) => _groups.GetValueOrDefault(conversation, "");

    /// <summary>All of it, so that two can be compared and a difference read.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().AppendLine($"pos {Pos}");
        foreach (var conversation in _messages.Keys.Where(conversation => ShownIn(conversation).Any())) text.AppendLine($"{conversation}: {string.Join(", ", ShownIn(conversation).Select(message => message.Line + (message.Starred ? " *" : "")))}");
        foreach (var (conversation, seq) in _hidden) text.AppendLine($"{conversation}: hidden up to {seq}");
        foreach (var (who, receipt) in _receipts) text.AppendLine($"{who}: {receipt}");
        foreach (var (user, relation) in _relations) text.AppendLine($"{user}: {relation}");
        foreach (var (id, group) in _groups) text.AppendLine($"{id}: {group}");
        foreach (var (conversation, seconds) in _timers.Where(timer => timer.Value > 0)) text.AppendLine($"{conversation}: {seconds} s");
        foreach (var (conversation, draft) in _drafts.Where(entry => entry.Value.Length > 0)) text.AppendLine($"{conversation}: {draft}");
        return text.ToString();
    }

    private void TakeMessage(string conversation, JsonElement frame)
    {
        var seq = Number(frame, "seq");
        if (seq <= _hidden.GetValueOrDefault(conversation)) return;
        MessagesIn(conversation).TryAdd(seq, new Shown(Said.Line(frame), Said.ExpiryOf(frame))).ShouldBeTrue($"twice: {frame}");
    }

    private void TakeChange(string type, SortedDictionary<long, Shown> messages, JsonElement frame)
    {
        var seq = Number(frame, "seq");
        if (seq <= _hidden.GetValueOrDefault(Text(frame, "conversation"))) return;
        if (type == "hidden")
        {
            // In a replay it was void already.
            messages.Remove(seq);
            return;
        }

        messages.TryGetValue(seq, out var before).ShouldBeTrue($"of a message that was not told: {frame}");
        messages[seq] = type == "update" ? new Shown(Said.Line(frame), Said.ExpiryOf(frame), before!.Starred) : before! with { Starred = frame.GetProperty("starred").GetBoolean() };
    }

    private SortedDictionary<long, Shown> MessagesIn(string conversation)
    {
        if (!_messages.TryGetValue(conversation, out var messages)) _messages.Add(conversation, messages = []);
        return messages;
    }

    /// <summary>What is over by the clock is not shown, whether the server has said so or not.</summary>
    private IEnumerable<Shown> ShownIn(string conversation) =>
        _messages.TryGetValue(conversation, out var messages) ? messages.Values.Where(message => !(message.Expires <= _time.GetUtcNow())) : [];

    private void Hide(string conversation, long upTo)
    {
        _hidden[conversation] = upTo;
        if (!_messages.TryGetValue(conversation, out var messages)) return;
        foreach (var seq in messages.Keys.Where(seq => seq <= upTo).ToList()) messages.Remove(seq);
    }

    private static string Text(JsonElement frame, string name) => frame.GetProperty(name).GetString()!;

    private static long Number(JsonElement frame, string name) => frame.GetProperty(name).GetInt64();
}
