using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server;

internal static partial class Commands
{
    /// <returns>Null where the frame belongs to another feature.</returns>
    private static Task<Command>? OfGroups(ChatServer server, Account me, CommandFrame frame, CancellationToken cancel) => frame switch
    {
        GroupFrame group => GroupAsync(server, me, group, cancel),
        GroupLinkFrame link => Now(new LinkGroup(me, link.Conversation, LifeOf(link))),
        MuteFrame mute => MuteAsync(server, me, mute, cancel),
        _ => null,
    };

    private static async Task<Command> GroupAsync(ChatServer server, Account me, GroupFrame frame, CancellationToken cancel) => frame switch
    {
        GroupCreateFrame create => new CreateGroup(me, create.ClientId, create.Name, create.Avatar, await FindAllAsync(server, create.Members, create.ClientId, cancel),
            HistoryOf(create.History) ?? GroupHistory.Joined, create.Announcements ?? false),
        GroupUpdateFrame update => new UpdateGroup(me, update.ClientId, update.Conversation, update.Name, update.Avatar, HistoryOf(update.History), update.Announcements),
        GroupAddFrame add => new AddToGroup(me, add.ClientId, add.Conversation, await FindAllAsync(server, add.Members, add.ClientId, cancel)),
        GroupRemoveFrame remove => new RemoveFromGroup(me, remove.ClientId, remove.Conversation, await FindAsync(server, remove.User, remove.ClientId, cancel)),
        GroupRoleFrame role => new ChangeRole(me, role.ClientId, role.Conversation, await FindAsync(server, role.User, role.ClientId, cancel), RoleOf(role.Role)),
        GroupLeaveFrame leave => new LeaveGroup(me, leave.ClientId, leave.Conversation),
        GroupJoinFrame join => new JoinGroup(me, join.ClientId, join.Code),
        _ => throw new ArgumentOutOfRangeException(nameof(frame), frame.GetType().Name, "No command for this frame."),
    };

    private static async Task<Command> MuteAsync(ChatServer server, Account me, MuteFrame mute, CancellationToken cancel) =>
        new Mute(me, await TargetAsync(server, mute.To, mute.Conversation, mute.ClientId, cancel), mute.Until?.Microseconds);

    private static async ValueTask<IReadOnlyList<Account>> FindAllAsync(ChatServer server, IReadOnlyList<string> ids, string clientId, CancellationToken cancel)
    {
        if (ids.Count > GroupRules.MaxMembers) throw new FrameException(WireError.Invalid, $"A group has at most {GroupRules.MaxMembers} members.", clientId);
        var found = new List<Account>(ids.Count);
        foreach (var id in ids)
        {
            var account = AccountIds.IsValid(id) ? await server.Store.FindAccountAsync(AccountLookup.Id, id, cancel) : null;
            found.Add(account ?? throw new FrameException(WireError.NotFound, "There is no such account: one of members.", clientId));
        }

        return found;
    }

    private static TimeSpan? LifeOf(GroupLinkFrame link)
    {
        if (link.Revoke) return null;
        if (link.ExpiresInSeconds is not { } seconds) return GroupRules.DefaultLinkLife;
        return seconds > 0 && seconds <= GroupRules.MaxLinkLife.TotalSeconds ? TimeSpan.FromSeconds(seconds)
            : throw new FrameException(WireError.Invalid, $"expires_in_s must be 1 to {(long)GroupRules.MaxLinkLife.TotalSeconds}.", link.ClientId);
    }

    private static GroupHistory? HistoryOf(string? word) => word switch
    {
        null => null,
        "all" => GroupHistory.All,
        _ => GroupHistory.Joined,
    };

    private static GroupRole RoleOf(string word) => word switch
    {
        "owner" => GroupRole.Owner,
        "admin" => GroupRole.Admin,
        _ => GroupRole.Member,
    };
}
