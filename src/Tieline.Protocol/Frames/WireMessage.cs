namespace Tieline.Protocol.Frames;

/// <summary>A message as every transport shows it.</summary>
/// <param name="Conversation">Opaque id of the conversation.</param>
/// <param name="Seq">Number of the message in its conversation, dense from 1.</param>
/// <param name="Id">Opaque id of the message.</param>
/// <param name="ClientId">The id that the sender's client made at first send.</param>
/// <param name="ToUser">The other person, null in groups.</param>
/// <param name="Text">The text; empty where a card or attachments stand alone.</param>
public sealed record WireMessage(string Conversation, long Seq, string Id, string ClientId, string FromUser, string? ToUser, string Text, Timestamp CreatedAt)
{
    /// <summary>A JSON object of the host app, as sent, or null.</summary>
    public string? Card { get; init; }

    /// <summary>A JSON array, or null.</summary>
    public string? Attachments { get; init; }
    public string? ReplyTo { get; init; }
    public Timestamp? EditedAt { get; init; }

    /// <summary>True for a tombstone: text, card and attachments are gone.</summary>
    public bool Deleted { get; init; }
}

/// <summary>A person as others see them.</summary>
public sealed record WirePerson(string Id, string Name, string? Username, string? Avatar, string? AccountType);

/// <summary>A conversation in a snapshot or a list page.</summary>
/// <param name="Activity">Orders the list; the <c>before</c> of the next page.</param>
/// <param name="User">The other person of a direct chat.</param>
/// <param name="Unread">Messages of others after what was read or cleared.</param>
/// <param name="Last">The newest message that this account may see.</param>
public sealed record WireConversation(string Conversation, string Kind, WirePerson? User, long Activity, long HeadSeq, long Unread, WireMessage? Last,
    long ReadSeq, long DeliveredSeq, long PeerReadSeq, long PeerDeliveredSeq, bool Muted, bool Blocked);
