using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tieline.Core.Accounts;

namespace Tieline.Core.Ledgers;

/// <summary>A change of a group that everybody in it reads as a message. Stored once under (who, client_id), as a send is.</summary>
public abstract record GroupCommand(Account Who, string ClientId) : Command
{
    /// <summary>SHA-256 of everything that makes the request: the same client_id with another hash is a conflict.</summary>
    public byte[] Hash()
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        foreach (var part in Parts().Prepend(GetType().Name))
        {
            // Length first, so that no two requests share their bytes; -1 tells absent from empty.
            BitConverter.TryWriteBytes(buffer.GetSpan(4), part is null ? -1 : Encoding.UTF8.GetByteCount(part));
            buffer.Advance(4);
            if (part is not null) Encoding.UTF8.GetBytes(part, buffer);
        }

        return SHA256.HashData(buffer.WrittenSpan);
    }

    private protected abstract IEnumerable<string?> Parts();

    private protected static string? Word(bool? flag) => flag?.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Makes a group; its maker becomes the owner.</summary>
public sealed record CreateGroup(Account Who, string ClientId, string Name, string? Avatar, IReadOnlyList<Account> Members, GroupHistory History = GroupHistory.Joined,
    bool Announcements = false) : GroupCommand(Who, ClientId)
{
    private protected override IEnumerable<string?> Parts() => [Name, Avatar, History.ToString(), Word(Announcements), .. Members.Select(member => member.Id)];
}

/// <summary>Changes what is given; null leaves as it is. An empty avatar removes it.</summary>
public sealed record UpdateGroup(Account Who, string ClientId, string Conversation, string? Name = null, string? Avatar = null, GroupHistory? History = null,
    bool? Announcements = null) : GroupCommand(Who, ClientId)
{
    private protected override IEnumerable<string?> Parts() => [Conversation, Name, Avatar, History?.ToString(), Word(Announcements)];
}

public sealed record AddToGroup(Account Who, string ClientId, string Conversation, IReadOnlyList<Account> Members) : GroupCommand(Who, ClientId)
{
    private protected override IEnumerable<string?> Parts() => [Conversation, .. Members.Select(member => member.Id)];
}

public sealed record RemoveFromGroup(Account Who, string ClientId, string Conversation, Account User) : GroupCommand(Who, ClientId)
{
    private protected override IEnumerable<string?> Parts() => [Conversation, User.Id];
}

public sealed record ChangeRole(Account Who, string ClientId, string Conversation, Account User, GroupRole Role) : GroupCommand(Who, ClientId)
{
    private protected override IEnumerable<string?> Parts() => [Conversation, User.Id, Role.ToString()];
}

public sealed record LeaveGroup(Account Who, string ClientId, string Conversation) : GroupCommand(Who, ClientId)
{
    private protected override IEnumerable<string?> Parts() => [Conversation];
}

public sealed record JoinGroup(Account Who, string ClientId, string Code) : GroupCommand(Who, ClientId)
{
    private protected override IEnumerable<string?> Parts() => [Code];
}

/// <summary>Makes a join link in place of the former one, or takes it back.</summary>
/// <param name="Life">How long it is good; null revokes.</param>
public sealed record LinkGroup(Account Who, string Conversation, TimeSpan? Life) : Command;

/// <summary>No noise from a conversation until a moment; null ends it.</summary>
/// <param name="Until">In microseconds since 1970.</param>
public sealed record Mute(Account Who, ConversationTarget Target, long? Until) : ConversationCommand(Who, Target)
{
    /// <summary>The last moment that the wire can name.</summary>
    public static readonly long Always = Protocol.Timestamp.From(DateTimeOffset.MaxValue).Microseconds;
}
