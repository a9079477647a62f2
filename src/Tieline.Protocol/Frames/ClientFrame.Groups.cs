namespace Tieline.Protocol.Frames;

/// <summary>A change of a group that everybody in it reads as a message: answered by its <see cref="AckFrame"/>, or <see cref="DoneFrame"/> where nothing changed.</summary>
public abstract record GroupFrame(string ClientId) : CommandFrame(ClientId)
{
    public new string ClientId => base.ClientId!;
}

/// <param name="History">joined or all: what somebody who joins sees of what came before.</param>
public sealed record GroupCreateFrame(string ClientId, string Name, string? Avatar, IReadOnlyList<string> Members, string? History = null, bool? Announcements = null)
    : GroupFrame(ClientId)
{
    public bool Equals(GroupCreateFrame? other) => other is not null && ClientId == other.ClientId && Name == other.Name && Avatar == other.Avatar
        && Members.SequenceEqual(other.Members) && History == other.History && Announcements == other.Announcements;

    public override int GetHashCode() => HashCode.Combine(ClientId, Name, Members.Count);
}

/// <summary>Changes what is given. An empty avatar removes it.</summary>
public sealed record GroupUpdateFrame(string ClientId, string Conversation, string? Name = null, string? Avatar = null, string? History = null, bool? Announcements = null)
    : GroupFrame(ClientId);

public sealed record GroupAddFrame(string ClientId, string Conversation, IReadOnlyList<string> Members) : GroupFrame(ClientId)
{
    public bool Equals(GroupAddFrame? other) =>
        other is not null && ClientId == other.ClientId && Conversation == other.Conversation && Members.SequenceEqual(other.Members);

    public override int GetHashCode() => HashCode.Combine(ClientId, Conversation, Members.Count);
}

public sealed record GroupRemoveFrame(string ClientId, string Conversation, string User) : GroupFrame(ClientId);

/// <param name="Role">owner, admin or member.</param>
public sealed record GroupRoleFrame(string ClientId, string Conversation, string User, string Role) : GroupFrame(ClientId);

public sealed record GroupLeaveFrame(string ClientId, string Conversation) : GroupFrame(ClientId);

public sealed record GroupJoinFrame(string ClientId, string Code) : GroupFrame(ClientId);

/// <summary>Makes a join link in place of the former one, answered by <see cref="LinkFrame"/>; or takes it back.</summary>
public sealed record GroupLinkFrame(string Conversation, long? ExpiresInSeconds = null, bool Revoke = false, string? ClientId = null) : CommandFrame(ClientId);

/// <summary>No noise from a chat until a moment; null ends it. Exactly one of <paramref name="To"/> and <paramref name="Conversation"/> is given.</summary>
public sealed record MuteFrame(string? To, string? Conversation, Timestamp? Until, string? ClientId = null) : CommandFrame(ClientId)
{
    /// <summary>What <c>always</c> stands for.</summary>
    public static readonly Timestamp Always = Timestamp.From(DateTimeOffset.MaxValue);
}
