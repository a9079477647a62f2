namespace Tieline.Protocol.Frames;

/// <summary>A message as every transport shows it.</summary>
/// <param name="Conversation">Opaque id of the conversation.</param>
/// <param name="Seq">Number of the message in its conversation, dense from 1.</param>
/// <param name="Id">Opaque id of the message.</param>
/// <param name="ClientId">The id that the sender's client made at first send.</param>
/// <param name="ToUser">The other person, null in groups.</param>
/// <param name="Text">The text; empty where a card or attachments stand alone.</param>
public sealed partial record WireMessage(string Conversation, long Seq, string Id, string ClientId, string FromUser, string? ToUser, string Text, Timestamp CreatedAt)
{
    /// <summary>A JSON object of the host app, as sent, or null.</summary>
    public string? Card { get; init; }

    /// <summary>A JSON array, or null. On a server without addresses, see <see cref="Links"/>.</summary>
    public string? Attachments { get; init; }

    /// <summary>Makes the addresses of the attachments when the message is written; null where they are in the JSON already.</summary>
    public IAttachmentLinks? Links { get; init; }

    /// <summary>A JSON object: this message tells of a change in the conversation itself. Null for what a person wrote.</summary>
    public string? Notice { get; init; }
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
    long ReadSeq, long DeliveredSeq, long PeerReadSeq, long PeerDeliveredSeq, bool Muted, bool Blocked)
{
    /// <summary>True for a stranger's request that this account has neither answered nor accepted.</summary>
    public bool Request { get; init; }

    /// <summary>What makes it a group; null for a direct chat.</summary>
    public WireGroup? Group { get; init; }

    /// <summary>Until when it is muted; the end of time for always.</summary>
    public Timestamp? MutedUntil { get; init; }

    /// <summary>True for a group that this account has left, or was removed from.</summary>
    public bool Left { get; init; }

    /// <summary>How long messages stay, in seconds; 0: for ever.</summary>
    public long DisappearSeconds { get; init; }

    /// <summary>What this account has begun to write here.</summary>
    public WireDraft? Draft { get; init; }
}

/// <param name="ReplyTo">The id of the message that it would answer.</param>
public sealed record WireDraft(string Text, string? ReplyTo);

/// <summary>Somebody in a conversation.</summary>
/// <param name="JoinedAt">Null in a direct chat.</param>
public sealed record WireMember(WirePerson User, string Role, Timestamp? JoinedAt, long DeliveredSeq, long ReadSeq);

/// <summary>A group as one of its members sees it.</summary>
/// <param name="Role">owner, admin or member.</param>
/// <param name="Members">How many there are.</param>
/// <param name="Announcements">Only admins send.</param>
/// <param name="History">What somebody who joins sees of what came before: joined (nothing) or all.</param>
public sealed record WireGroup(string Name, string? Avatar, string Role, long Members, bool Announcements, string History);
