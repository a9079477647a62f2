using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Cli.Verify;

/// <summary>One account under test: what it sent and was told, and what reached it. Its lines write here from their own tasks.</summary>
internal sealed class Journal(string account, string token, Cursor start)
{
    private readonly Lock _lock = new();
    private readonly List<SentMessage> _sent = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<Delivery> _delivered = [];
    private readonly List<string> _faults = [];
    private int _firstOpen;
    private long _pos = start.Pos;

    public string Account => account;

    public string Token => token;

    /// <summary>Where to take up the log.</summary>
    public Cursor Cursor => new(start.Epoch, Volatile.Read(ref _pos));

    /// <summary>Acknowledged by "that one I have already": the server stored it and was killed before it could say so.</summary>
    public int Duplicates { get; private set; }

    public int Acknowledged { get; private set; }

    public int Count
    {
        get
        {
            lock (_lock) return _sent.Count;
        }
    }

    /// <summary>True while something has no acknowledgement.</summary>
    public bool HasOpen
    {
        get
        {
            lock (_lock) return _firstOpen < _sent.Count;
        }
    }

    /// <summary>What may not happen on a line and is no matter of counting.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_lock) return [.. _faults];
        }
    }

    public Evidence Evidence
    {
        get
        {
            lock (_lock) return new Evidence(account, [.. _sent], [.. _delivered]);
        }
    }

    /// <summary>Writes a new message and remembers it before it is sent.</summary>
    public SentMessage Write(string to)
    {
        lock (_lock)
        {
            var number = _sent.Count + 1;
            var message = new SentMessage(Guid.CreateVersion7().ToString(), account, to, number, $"{account} {number} {new string('.', number % 200)}", null);
            _numbers[message.ClientId] = _sent.Count;
            _sent.Add(message);
            return message;
        }
    }

    /// <summary>Everything without an acknowledgement, in the order of sending.</summary>
    public IReadOnlyList<SentMessage> Open()
    {
        lock (_lock) return [.. _sent.Skip(_firstOpen).Where(message => message.Acknowledged is null)];
    }

    public void Take(ServerFrame frame)
    {
        lock (_lock)
        {
            switch (frame)
            {
                case HelloFrame hello when !hello.Resumed || hello.Epoch != start.Epoch:
                    throw Fault($"asked to resume from {Cursor}, got epoch {hello.Epoch}, resumed {hello.Resumed}");
                case SnapshotFrame:
                    throw Fault($"asked for what comes after {Cursor}, got a snapshot");
                case AckFrame ack:
                    Acknowledge(ack);
                    break;
                case MessageFrame { Message: var message } logged:
                    Deliver(logged.Pos, new KeptMessage(new Place(message.Conversation, message.Seq), message.ClientId, message.FromUser, message.Text));
                    break;
                case LoggedFrame logged:
                    Deliver(logged.Pos, null);
                    break;
                case UnknownServerFrame { Pos: { } pos }:
                    Deliver(pos, null);
                    break;
                // Refused for now: the rest of this line would be held, so begin again with the first open one.
                case ErrorFrame { Retryable: true } error:
                    throw new LineLostException(error.Message);
                case ErrorFrame error:
                    throw Fault($"a send was refused for good: {error.Code}, {error.Message}");
            }
        }
    }

    private LineLostException Fault(string what)
    {
        _faults.Add($"{account} {what}");
        return new LineLostException(what);
    }

    private void Acknowledge(AckFrame ack)
    {
        if (!_numbers.TryGetValue(ack.ClientId, out var at)) throw Fault($"got an acknowledgement for {ack.ClientId}, which it never sent");
        var place = new Place(ack.Conversation, ack.Seq);
        if (_sent[at].Acknowledged is { } before)
        {
            if (before != place) throw Fault($"was told {before} and then {place} for its message {at + 1}");
            return;
        }

        _sent[at] = _sent[at] with { Acknowledged = place };
        Acknowledged++;
        if (ack.Duplicate) Duplicates++;
        while (_firstOpen < _sent.Count && _sent[_firstOpen].Acknowledged is not null) _firstOpen++;
    }

    private void Deliver(long pos, KeptMessage? message)
    {
        _delivered.Add(new Delivery(pos, message));
        Volatile.Write(ref _pos, Math.Max(_pos, pos));
    }
}

/// <summary>A line broke, as lines to a killed server do. It is opened again.</summary>
internal sealed class LineLostException(string why) : Exception(why);
