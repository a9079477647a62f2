using Tieline.Protocol.Frames;

namespace Tieline.Client.Conversations;

/// <summary>What is known of one conversation. Touched under the ledger's lock only.</summary>
internal sealed class ConversationState(string id, string? peer)
{
    private const int MaxRecent = 256;

    private readonly LinkedList<WireMessage> _recent = new();

    public string Id { get; } = id;

    /// <summary>The other person of a direct chat.</summary>
    public string? Peer { get; set; } = peer;
    public WirePerson? Person { get; set; }

    /// <summary>By which the app knows it.</summary>
    public string Key => Peer ?? ChatKey.OfGroup(Id);
    public WireGroup? Group { get; private set; }
    public bool Left { get; private set; }
    public long Activity { get; set; }

    /// <summary>The newest seq that exists, whether it is remembered here or not.</summary>
    public long Head { get; private set; }
    public long ReadSeq { get; private set; }
    public long PeerDelivered { get; private set; }
    public long PeerRead { get; private set; }
    public long Unread { get; private set; }
    public bool Muted { get; set; }
    public bool Blocked { get; set; }
    public WireMessage? Last { get; private set; }

    /// <summary>What the server says of it. Receipts of the same database never step back.</summary>
    /// <param name="anew">A snapshot: what is remembered cannot be continued, and the order of the list is the server's.</param>
    public void Reset(WireConversation wire, bool sameEpoch, bool anew)
    {
        if (!sameEpoch) (PeerDelivered, PeerRead, ReadSeq) = (0, 0, 0);
        // What the log says of a conversation comes in its turn: messages before it are here, those after it follow.
        if (anew || wire.HeadSeq > Head) _recent.Clear();
        (Head, Unread, Last, Muted, Blocked, Group, Left) = (wire.HeadSeq, wire.Unread, wire.Last, wire.Muted, wire.Blocked, wire.Group, wire.Left);
        if (anew || Activity == 0) Activity = wire.Activity;
        if (wire.User is not null) (Peer, Person) = (wire.User.Id, wire.User);
        ReadSeq = Math.Max(ReadSeq, wire.ReadSeq);
        PeerDelivered = Math.Max(PeerDelivered, wire.PeerDeliveredSeq);
        PeerRead = Math.Max(PeerRead, wire.PeerReadSeq);
    }

    public void Add(WireMessage message, bool mine, bool remember)
    {
        if (message.Seq > Head)
        {
            Head = message.Seq;
            Last = message;
            if (!mine) Unread++;
        }
        else if (message.Seq == Last?.Seq) Last = message;

        if (!remember) _recent.Clear();
        else if (_recent.Last is { } last && message.Seq <= last.Value.Seq) Replace(message);
        else _recent.AddLast(message);
        if (_recent.Count > MaxRecent) _recent.RemoveFirst();
    }

    /// <summary>What is remembered after a seq; null where something between may have been forgotten.</summary>
    public List<WireMessage>? After(long seq)
    {
        if (Head <= seq) return [];
        if (_recent.First is not { } first || first.Value.Seq > seq + 1) return null;
        return [.. _recent.Where(message => message.Seq > seq)];
    }

    /// <summary>A message that is remembered, or the newest.</summary>
    public WireMessage? Find(long seq) => Last?.Seq == seq ? Last : _recent.FirstOrDefault(message => message.Seq == seq);

    /// <summary>A message as it is now.</summary>
    public void Change(WireMessage message)
    {
        if (Last?.Seq == message.Seq) Last = message;
        Replace(message);
    }

    public void ReceiptOfPeer(long delivered, long read)
    {
        PeerRead = Math.Max(PeerRead, read);
        PeerDelivered = Math.Max(Math.Max(PeerDelivered, delivered), PeerRead);
    }

    public void ReadUpTo(long seq)
    {
        if (seq <= ReadSeq) return;
        ReadSeq = seq;
        if (seq >= Head) Unread = 0;
    }

    private void Replace(WireMessage message)
    {
        for (var node = _recent.Last; node is not null && node.Value.Seq >= message.Seq; node = node.Previous)
        {
            if (node.Value.Seq == message.Seq) node.Value = message;
        }
    }
}
