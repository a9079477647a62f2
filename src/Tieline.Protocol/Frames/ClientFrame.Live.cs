namespace Tieline.Protocol.Frames;

/// <summary>I am writing in this conversation. Sent at most every 2 seconds while one writes; not stored, and not answered.</summary>
public sealed record TypingFrame(string Conversation) : ClientFrame;

/// <summary>Whose presence to tell: at most <see cref="ClientFrameReader.MaxWatched"/>, instead of those named before.</summary>
public sealed record WatchFrame(IReadOnlyList<string> Users) : ClientFrame
{
    public bool Equals(WatchFrame? other) => other is not null && Users.SequenceEqual(other.Users);

    public override int GetHashCode() => Users.Count;
}

/// <summary>Sets what others may see of me; what is null stays as it is.</summary>
public sealed record PrivacyFrame(bool? Receipts, bool? Online, bool? LastSeen, bool? Typing, string? ClientId = null) : CommandFrame(ClientId);

/// <summary>Takes a stranger's first message as the beginning of a chat.</summary>
public sealed record AcceptFrame(string Conversation, string? ClientId = null) : CommandFrame(ClientId);

/// <summary>Puts a message or a person before the moderators. Exactly one of <paramref name="Id"/> and <paramref name="User"/> is given.</summary>
/// <param name="Reason">One of <see cref="ClientFrameReader.FlagReasons"/>.</param>
public sealed record FlagFrame(string? Id, string? User, string Reason, string? Text, string? ClientId = null) : CommandFrame(ClientId);
