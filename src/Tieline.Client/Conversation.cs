using Tieline.Protocol.Frames;

namespace Tieline.Client;

/// <summary>Somebody as others see them.</summary>
/// <param name="Id">Account id.</param>
/// <param name="Name">Full name.</param>
/// <param name="Username">Short name, or null.</param>
/// <param name="Avatar">Address of a picture, or null.</param>
/// <param name="AccountType">A word of the host app, such as <c>user</c>, or null.</param>
public sealed record Person(string Id, string Name, string? Username, string? Avatar, string? AccountType)
{
    internal static Person From(WirePerson person) => new(person.Id, person.Name, person.Username, person.Avatar, person.AccountType);
}

/// <summary>A line of the list of chats.</summary>
/// <param name="Id">The conversation's id.</param>
/// <param name="With">The other person; null in a group, and where the server has not said yet.</param>
/// <param name="Last">The newest message, or null.</param>
/// <param name="Unread">Messages of others that were not read.</param>
/// <param name="ReadSeq">Everything up to here was read.</param>
/// <param name="Muted">This account muted it.</param>
/// <param name="Blocked">This account blocked the other person.</param>
public sealed record Conversation(string Id, Person? With, Message? Last, long Unread, long ReadSeq, bool Muted, bool Blocked)
{
    /// <summary>What makes it a group, null for a direct chat. <see cref="ChatClient.In"/> reads and writes it.</summary>
    public Group? Group { get; init; }

    /// <summary>This account is no longer a member.</summary>
    public bool Left { get; init; }
}

/// <summary>A group as its members see it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Avatar">Address of a picture, or null.</param>
/// <param name="Role">This account's: <c>owner</c>, <c>admin</c> or <c>member</c>.</param>
/// <param name="Members">How many there are.</param>
public sealed record Group(string Name, string? Avatar, string Role, long Members);
