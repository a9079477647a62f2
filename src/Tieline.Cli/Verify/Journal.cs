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
    private readonly List<Reading> _readings = [];
    private readonly Dictionary<string, long> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ReadMark> _marks = new(StringComparer.Ordinal);
    private readonly List<WholeLog> _logs = [];
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
    public bool HasOpen => OpenCount > 0;

    public int OpenCount
    {
        get
        {
            lock (_lock) return _sent.Count - Acknowledged;
        }
    }

    /// <summary>How often the server says something, at least.</summary>
    public int PingSeconds { get; private set; } = 20;

    /// <summary>Pages that were read while all went on.</summary>
    public int ReadingCount
    {
        get
        {
            lock (_lock) return _readings.Count;
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
            lock (_lock)
            {
                return new Evidence(account, [.. _sent], [.. _delivered])
                {
                    Readings = [.. _readings],
                    Marks = new Dictionary<string, ReadMark>(_marks, StringComparer.Ordinal),
                    Logs = [.. _logs],
                };
            }
        }
    }

    /// <summary>A conversation to read, and what is known of it; null before the first message.</summary>
    public Place? SomeConversation()
    {
        lock (_lock) return _known.Count == 0 ? null : _known.ElementAt(Random.Shared.Next(_known.Count)) is var (conversation, seq) ? new Place(conversation, seq) : null;
    }

    public void Take(Reading reading)
    {
        lock (_lock) _readings.Add(reading);
    }

    public void Take(WholeLog log)
    {
        lock (_lock) _logs.Add(log);
    }

    /// <summary>It will be said to the server that so much is read, and then that it was heard.</summary>
    public void Mark(Place place, bool confirmed)
    {
        lock (_lock)
        {
            var before = _marks.GetValueOrDefault(place.Conversation) ?? new ReadMark(0, 0);
            _marks[place.Conversation] = confirmed ? before with { Confirmed = Math.Max(before.Confirmed, place.Seq) } : before with { Said = Math.Max(before.Said, place.Seq) };
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
                case HelloFrame hello:
                    PingSeconds = hello.PingSeconds;
                    break;
                case SnapshotFrame:
                    throw Fault($"asked for what comes after {Cursor}, got a snapshot");
                case AckFrame ack:
                    Acknowledge(ack);
                    break;
                case var logged when ReadDelivery(logged) is { } delivery:
                    Deliver(delivery);
                    break;
                // Refused for now: the rest of this line would be held, so begin again with the first open one.
                case ErrorFrame { Retryable: true } error:
                    throw new LineLostException(error.Message);
                case ErrorFrame error:
                    throw Fault($"a send was refused for good: {error.Code}, {error.Message}");
            }
        }
    }

    /// <summary>The event that a frame carries; null when it is none.</summary>
    public static Delivery? ReadDelivery(ServerFrame frame) => frame switch
    {
        MessageFrame { Message: var message } logged => new Delivery(logged.Pos, Kept(message)),
        ReceiptFrame receipt => new Delivery(receipt.Pos, null, new ShownReceipt(receipt.Conversation, receipt.User, receipt.DeliveredSeq, receipt.ReadSeq)),
        LoggedFrame logged => new Delivery(logged.Pos, null),
        UnknownServerFrame { Pos: { } pos } => new Delivery(pos, null),
        _ => null,
    };

    public static KeptMessage Kept(WireMessage message) => new(new Place(message.Conversation, message.Seq), message.ClientId, message.FromUser, message.Text);

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
        Know(place);
        Acknowledged++;
        if (ack.Duplicate) Duplicates++;
        while (_firstOpen < _sent.Count && _sent[_firstOpen].Acknowledged is not null) _firstOpen++;
    }

    private void Deliver(Delivery delivery)
    {
        _delivered.Add(delivery);
        if (delivery.Message is { } message) Know(message.Place);
        Volatile.Write(ref _pos, Math.Max(_pos, delivery.Pos));
    }

    private void Know(Place place) => _known[place.Conversation] = Math.Max(_known.GetValueOrDefault(place.Conversation), place.Seq);
}

/// <summary>A line broke, as lines to a killed server do. It is opened again.</summary>
internal sealed class LineLostException(string why) : Exception(why);
