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
    public string Kind { get; set; } = "direct";
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

    /// <summary>A snapshot says everything anew. Receipts of the same database never step back.</summary>
    public void Reset(WireConversation wire, bool sameEpoch)
    {
        if (!sameEpoch) (PeerDelivered, PeerRead, ReadSeq) = (0, 0, 0);
        _recent.Clear();
        (Kind, Activity, Head, Unread, Last, Muted, Blocked) = (wire.Kind, wire.Activity, wire.HeadSeq, wire.Unread, wire.Last, wire.Muted, wire.Blocked);
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
