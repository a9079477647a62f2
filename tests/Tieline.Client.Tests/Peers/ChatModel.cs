using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Tests.Peers;

/// <summary>What a correct server keeps: messages once per client id, a dense log per account. It outlives the scripted server that shows it.</summary>
internal sealed class ChatModel
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string From, string ClientId), AckFrame> _acks = [];
    private readonly Dictionary<string, List<LoggedFrame>> _logs = [];
    private readonly Dictionary<(string, string), List<WireMessage>> _pairs = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Epoch { get; set; } = "e1";

    /// <summary>Positions at or below are no longer in the log.</summary>
    public long PrunedTo { get; set; }

    /// <summary>Answers a send with this instead of storing it.</summary>
    public Func<SendFrame, ErrorFrame?> Refuse { get; set; } = _ => null;

    public Task Changed
    {
        get { lock (_lock) return _changed.Task; }
    }

    public List<WireMessage> Stored(string one, string other)
    {
        lock (_lock) return [.. Pair(one, other)];
    }

    public long Head(string account)
    {
        lock (_lock) return Log(account).Count;
    }

    public List<LoggedFrame> Events(string account, long since)
    {
        lock (_lock) return [.. Log(account).Skip((int)since)];
    }

    public ServerFrame Send(string from, SendFrame send)
    {
        lock (_lock)
        {
            if (_acks.TryGetValue((from, send.ClientId), out var known)) return known with { Duplicate = true };
            if (Refuse(send) is { } error) return error with { ClientId = send.ClientId };
            var messages = Pair(from, send.To!);
            var conversation = Conversation(from, send.To!);
            var seq = messages.Count + 1;
            var message = new WireMessage(conversation, seq, MessageIds.Make(conversation, seq), send.ClientId, from, send.To, send.Text, new Timestamp(1_772_357_400_000_000 + seq))
            {
                Card = send.Card,
            };
            messages.Add(message);
            foreach (var account in new[] { from, send.To! }) Log(account).Add(new MessageFrame(Log(account).Count + 1, message));
            var ack = new AckFrame(send.ClientId, message.Id, conversation, seq, Log(from).Count, message.CreatedAt, false);
            _acks[(from, send.ClientId)] = ack;
            Tell();
            return ack;
        }
    }

    /// <summary>A message that somebody wrote elsewhere.</summary>
    public void Write(string from, string to, string text) => Send(from, new SendFrame(Guid.NewGuid().ToString(), to, null, text));

    public void Append(string account, Func<long, LoggedFrame> frame)
    {
        lock (_lock)
        {
            Log(account).Add(frame(Log(account).Count + 1));
            Tell();
        }
    }

    /// <summary>A backup was restored: fewer messages, another epoch.</summary>
    public void Restore(string epoch)
    {
        lock (_lock)
        {
            Epoch = epoch;
            PrunedTo = 0;
            _logs.Clear();
            Tell();
        }
    }

    public bool CanResume(string account, string? since, out long pos)
    {
        var known = Cursor.TryParse(since, out var cursor) && cursor.Epoch == Epoch && cursor.Pos <= Head(account) && cursor.Pos >= PrunedTo;
        pos = known ? cursor.Pos : Head(account);
        return known;
    }

    public SnapshotFrame Snapshot(string account)
    {
        lock (_lock)
        {
            var conversations = _pairs.Where(pair => pair.Key.Item1 == account || pair.Key.Item2 == account).Select(pair =>
            {
                var peer = pair.Key.Item1 == account ? pair.Key.Item2 : pair.Key.Item1;
                return new WireConversation(Conversation(account, peer), "direct", new WirePerson(peer, peer, null, null, null), pair.Value.Count, pair.Value.Count, 0,
                    pair.Value.LastOrDefault(), 0, 0, 0, 0, false, false);
            });
            return new SnapshotFrame(Log(account).Count, [.. conversations], null);
        }
    }

    public PageFrame Page(string conversation, long? before, int limit)
    {
        lock (_lock)
        {
            var all = _pairs.Values.FirstOrDefault(messages => messages.Count > 0 && messages[0].Conversation == conversation) ?? [];
            var older = all.Where(message => before is null || message.Seq < before).ToList();
            return new PageFrame(conversation, [.. older.TakeLast(limit)], older.Count > limit);
        }
    }

    private void Tell()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }

    private static string Conversation(string one, string other) => string.CompareOrdinal(one, other) < 0 ? $"c_{one}_{other}" : $"c_{other}_{one}";

    private List<LoggedFrame> Log(string account)
    {
        if (!_logs.TryGetValue(account, out var log)) _logs[account] = log = [];
        return log;
    }

    private List<WireMessage> Pair(string one, string other)
    {
        var key = string.CompareOrdinal(one, other) < 0 ? (one, other) : (other, one);
        if (!_pairs.TryGetValue(key, out var messages)) _pairs[key] = messages = [];
        return messages;
    }
}
