namespace Tieline.Protocol.Frames;

/// <summary>What a message has only where somebody used the feature. JSON is kept as it is written on the wire.</summary>
public sealed partial record WireMessage
{
    public Timestamp? PinnedAt { get; init; }

    /// <summary>When a disappearing message goes.</summary>
    public Timestamp? ExpiresAt { get; init; }

    public bool Forwarded { get; init; }

    /// <summary><c>{id, from_user, message}</c> of the message replied to, as it was when this one was sent.</summary>
    public string? Quote { get; init; }

    /// <summary>A JSON array of account ids.</summary>
    public string? Mentions { get; init; }

    /// <summary>A JSON array of <c>{emoji, count, users}</c>.</summary>
    public string? Reactions { get; init; }

    /// <summary>True for a message that is nothing but text.</summary>
    public bool IsPlain => (Card ?? Attachments ?? Notice ?? ReplyTo ?? Quote ?? Mentions) is null && !Forwarded && ExpiresAt is null;
}
