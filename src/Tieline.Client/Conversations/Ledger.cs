using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Conversations;

/// <summary>What applying a frame asks of the line it came from.</summary>
internal enum Applied
{
    Fine,

    /// <summary>Events are missing: ask for them.</summary>
    Gap,
}

/// <summary>
/// The account as this client knows it: how far its log has been taken in, and the conversations. Events are taken in order or not at
/// all, so the cursor never runs ahead of what was shown.
/// </summary>
internal sealed class Ledger
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ConversationState> _conversations = [];
    private readonly Dictionary<string, ConversationState> _byKey = [];
    private readonly List<Feed> _feeds = [];
    private string? _epoch, _helloEpoch;
    private long _pos;
    private bool _known;

    /// <summary>Raised under no lock, in order, for every stored message the first time it is seen and when it changes.</summary>
    public event Action<WireMessage>? MessageSeen;

    /// <summary>The id of this account, once it is known.</summary>
    public string? Self { get; set; }

    /// <summary>Set when <c>before</c> of the next page of conversations is needed to see them all.</summary>
    public long? NextPage { get; private set; }

    /// <summary>The database of the present cursor.</summary>
    public string? Epoch
    {
        get { lock (_lock) return _epoch; }
    }

    /// <summary>What to resume from; null before anything is known.</summary>
    public Cursor? Cursor
    {
        get { lock (_lock) return _known ? new Cursor(_epoch!, _pos) : null; }
    }

    /// <summary>Takes a frame in. Called by one line at a time.</summary>
    public Applied Apply(ServerFrame frame)
    {
        switch (frame)
        {
            case HelloFrame hello: return Greet(hello);
            case SnapshotFrame snapshot: Reset(snapshot); return Applied.Fine;
            case LoggedFrame logged: return Take(logged.Pos, logged);
            case UnknownServerFrame { Pos: { } pos }: return Take(pos, null);
            case ServerPingFrame ping: return Compare(ping.Pos);
            case ServerPongFrame pong: return Compare(pong.Pos);
            case SyncedFrame synced: return Compare(synced.Pos);
            default: return Applied.Fine;
        }
    }

    public void Attach(Feed feed)
    {
        lock (_lock) _feeds.Add(feed);
    }

    public void Detach(Feed feed)
    {
        lock (_lock) _feeds.Remove(feed);
    }

    /// <summary>Runs <paramref name="look"/> on a chat's conversation; null where none is known.</summary>
    public T With<T>(string key, Func<ConversationState?, bool, T> look)
    {
        lock (_lock) return look(_byKey.GetValueOrDefault(key), _known);
    }

    /// <summary>All known conversations, newest first.</summary>
    public IReadOnlyList<T> List<T>(Func<ConversationState, T> look)
    {
        lock (_lock) return [.. _conversations.Values.OrderByDescending(c => c.Activity).Select(look)];
    }

    /// <summary>Conversations from a further page of the list.</summary>
    public void AddPage(IEnumerable<WireConversation> page, long? next)
    {
        lock (_lock)
        {
            foreach (var wire in page)
            {
                if (!_conversations.ContainsKey(wire.Conversation)) Put(wire, sameEpoch: true);
            }

            NextPage = next;
        }

        Notify();
    }

    public void ReadUpTo(string key, long seq)
    {
        lock (_lock) _byKey.GetValueOrDefault(key)?.ReadUpTo(seq);
    }

    public void Notify()
    {
        Feed[] feeds;
        lock (_lock) feeds = [.. _feeds];
        foreach (var feed in feeds) feed.Changed.Set();
    }

    public void NotifyChat(string key, Message message)
    {
        Feed[] feeds;
        lock (_lock) feeds = [.. _feeds.Where(feed => feed.Key == key)];
        foreach (var feed in feeds) feed.Push(message);
    }

    private Applied Greet(HelloFrame hello)
    {
        lock (_lock)
        {
            Self = hello.User ?? Self;
            _helloEpoch = hello.Epoch;
            if (!hello.Resumed) return Applied.Fine; // the snapshot says the rest
            // A server that resumes a cursor of another database would be in error; taking its events would mix two logs.
            return hello.Epoch == _epoch ? Applied.Fine : throw new LedgerException("The server resumed a cursor of another database.");
        }
    }

    private void Reset(SnapshotFrame snapshot)
    {
        lock (_lock)
        {
            var same = _helloEpoch == _epoch;
            if (!same)
            {
                _conversations.Clear();
                _byKey.Clear();
                if (_epoch is not null) _feeds.ForEach(static feed => feed.Epoch++);
            }

            _epoch = _helloEpoch;
            _pos = snapshot.Pos;
            _known = true;
            NextPage = snapshot.Next;
            foreach (var wire in snapshot.Conversations) Put(wire, same);
        }

        Notify();
    }

    private Applied Compare(long head)
    {
        lock (_lock) return _known && head > _pos ? Applied.Gap : Applied.Fine;
    }

    private Applied Take(long pos, LoggedFrame? frame)
    {
        WireMessage? seen = null;
        List<(Feed Feed, Message Message)> changes = [];
        lock (_lock)
        {
            if (!_known || pos <= _pos) return Applied.Fine;
            if (pos != _pos + 1) return Applied.Gap;
            _pos = pos;
            switch (frame)
            {
                case MessageFrame message: seen = Add(message.Message, changes); break;
                case UpdateFrame update: seen = Change(update.Message, changes); break;
                case HiddenFrame hidden:
                    if (_conversations.GetValueOrDefault(hidden.Conversation)?.Find(hidden.Seq) is { } gone)
                        Change(gone with { Text = "", Deleted = true, Card = null, Attachments = null, Reactions = null }, changes);
                    break;
                case ConversationFrame about: Put(about.Conversation, sameEpoch: true, anew: false); break;
                case ReceiptFrame receipt: Move(receipt); break;
                case RelationFrame relation:
                    if (_byKey.GetValueOrDefault(relation.User) is { } with) (with.Blocked, with.Muted) = (relation.Blocked, relation.Muted);
                    break;
                case ClearedFrame cleared: _conversations.GetValueOrDefault(cleared.Conversation)?.ReadUpTo(cleared.Seq); break;
            }
        }

        if (seen is not null) MessageSeen?.Invoke(seen);
        foreach (var (feed, message) in changes) feed.Push(message);
        if (frame is MessageFrame or ReceiptFrame or ConversationFrame) Notify();
        return Applied.Fine;
    }

    private WireMessage Add(WireMessage message, List<(Feed, Message)> changes)
    {
        if (!_conversations.TryGetValue(message.Conversation, out var conversation))
        {
            _conversations[message.Conversation] = conversation = new ConversationState(message.Conversation, PeerOf(message));
            _byKey[conversation.Key] = conversation;
        }

        var changed = message.Seq <= conversation.Head;
        conversation.Add(message, IsMine(message, conversation.Peer), _feeds.Any(feed => feed.Key == conversation.Key));
        conversation.Activity = long.MaxValue - 1_000_000_000 + _pos; // above everything of the snapshot, in the order of the log
        if (!changed) return message;
        foreach (var feed in _feeds.Where(feed => feed.Key == conversation.Key)) changes.Add((feed, Shape(message, conversation)));
        return message;
    }

    /// <summary>A stored message is another one now. Where nothing of it is known here, history brings it as it is.</summary>
    private WireMessage Change(WireMessage message, List<(Feed, Message)> changes)
    {
        if (_conversations.GetValueOrDefault(message.Conversation) is not { } conversation) return message;
        conversation.Change(message);
        foreach (var feed in _feeds.Where(feed => feed.Key == conversation.Key)) changes.Add((feed, Shape(message, conversation)));
        return message;
    }

    private void Move(ReceiptFrame receipt)
    {
        if (_conversations.GetValueOrDefault(receipt.Conversation) is not { } conversation) return;
        var own = conversation.Peer is { } peer ? receipt.User != peer : receipt.User == Self;
        if (own) conversation.ReadUpTo(receipt.ReadSeq);
        else conversation.ReceiptOfPeer(receipt.DeliveredSeq, receipt.ReadSeq);
    }

    private void Put(WireConversation wire, bool sameEpoch, bool anew = true)
    {
        if (!_conversations.TryGetValue(wire.Conversation, out var conversation))
            _conversations[wire.Conversation] = conversation = new ConversationState(wire.Conversation, wire.User?.Id);
        conversation.Reset(wire, sameEpoch, anew);
        _byKey[conversation.Key] = conversation;
    }

    /// <summary>The other person of a direct message: not me, or, before I know who I am, somebody I was asked about.</summary>
    private string? PeerOf(WireMessage message)
    {
        if (message.ToUser is null) return null;
        if (Self is { } self) return message.FromUser == self ? message.ToUser : message.FromUser;
        return _feeds.Any(feed => feed.Key == message.ToUser) ? message.ToUser : message.FromUser;
    }

    private bool IsMine(WireMessage message, string? peer) => Self is { } self ? message.FromUser == self : peer is not null && message.FromUser != peer;

    /// <summary>A stored message as the app sees it. Under the lock, or with a message whose conversation is not known.</summary>
    internal Message Shape(WireMessage wire, ConversationState? conversation)
    {
        var mine = IsMine(wire, conversation?.Peer ?? PeerOf(wire));
        return new Message
        {
            ClientId = wire.ClientId,
            Id = wire.Id,
            Conversation = wire.Conversation,
            Seq = wire.Seq,
            From = wire.FromUser,
            To = wire.ToUser,
            Text = wire.Text,
            CreatedAt = wire.CreatedAt.ToDateTimeOffset(),
            IsMine = mine,
            State = !mine || conversation is null ? MessageState.Sent
                : wire.Seq <= conversation.PeerRead ? MessageState.Read
                : wire.Seq <= conversation.PeerDelivered ? MessageState.Delivered : MessageState.Sent,
            Card = wire.Card,
            Attachments = wire.Attachments,
            ReplyTo = wire.ReplyTo,
            EditedAt = wire.EditedAt?.ToDateTimeOffset(),
            Deleted = wire.Deleted,
            Reactions = wire.Reactions,
            Quote = wire.Quote,
            Mentions = wire.Mentions,
            Forwarded = wire.Forwarded,
            PinnedAt = wire.PinnedAt?.ToDateTimeOffset(),
            ExpiresAt = wire.ExpiresAt?.ToDateTimeOffset(),
            Notice = wire.Notice,
        };
    }

    public Message Shape(WireMessage wire)
    {
        lock (_lock) return Shape(wire, _conversations.GetValueOrDefault(wire.Conversation));
    }
}

/// <summary>A line whose events cannot be trusted; it is given up.</summary>
internal sealed class LedgerException(string message) : Exception(message);
