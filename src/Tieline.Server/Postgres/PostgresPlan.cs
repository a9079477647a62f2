using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Protocol;

namespace Tieline.Server.Postgres;

/// <summary>
/// What a batch of commands will touch, as far as the commands themselves say. It only saves round trips and keeps locks in one order: what it does not
/// foresee, the facts lock and read when they are asked.
/// </summary>
internal sealed class PostgresPlan
{
    public HashSet<string> Ids { get; } = [];

    /// <summary>Those of them of which all members will get an event, however many they are.</summary>
    public HashSet<string> Wide { get; } = [];

    public HashSet<(long Low, long High)> Pairs { get; } = [];
    public HashSet<long> Keys { get; } = [];

    /// <summary>Those who act, and whom they name.</summary>
    public SortedSet<long> Accounts { get; } = [];

    public HashSet<(long Sender, string ClientId)> Sends { get; } = [];

    /// <summary>Receipts for all conversations at once, by the account and up to which position.</summary>
    public Dictionary<long, long> Delivered { get; } = [];

    public static PostgresPlan Of(IEnumerable<Command> commands)
    {
        var plan = new PostgresPlan();
        foreach (var command in commands) plan.Add(command);
        return plan;
    }

    private void Add(Command command)
    {
        switch (command)
        {
            case Send send:
                Sends.Add((send.From.Key.Value, send.ClientId));
                Add(send.From, new ConversationTarget(send.To, send.Conversation), wide: true);
                break;
            case ConversationCommand change:
                Add(change.Who, change.Target, wide: change is Disappear);
                break;
            case MessageCommand change:
                AddMessage(change.Who, change.Id);
                break;
            case MarkDelivered delivered:
                Accounts.Add(delivered.Who.Key.Value);
                Delivered[delivered.Who.Key.Value] = Math.Max(delivered.Pos, Delivered.GetValueOrDefault(delivered.Who.Key.Value));
                break;
            case ChangeRelation change:
                Accounts.Add(change.Who.Key.Value);
                Accounts.Add(change.Other.Key.Value);
                break;
            case ChangePrivacy change:
                Accounts.Add(change.Who.Key.Value);
                break;
            case GroupCommand group:
                Sends.Add((group.Who.Key.Value, group.ClientId));
                AddGroup(group);
                break;
            case LinkGroup link:
                Add(link.Who, new ConversationTarget(null, link.Conversation));
                break;
            case RaiseFlag { MessageId: { } id } flag:
                AddMessage(flag.Who, id);
                break;
        }
    }

    private void AddGroup(GroupCommand group)
    {
        var (conversation, others) = group switch
        {
            CreateGroup create => (null, create.Members),
            UpdateGroup update => (update.Conversation, []),
            AddToGroup add => (add.Conversation, add.Members),
            RemoveFromGroup remove => (remove.Conversation, [remove.User]),
            ChangeRole change => (change.Conversation, [change.User]),
            LeaveGroup leave => (leave.Conversation, []),
            _ => ((string?)null, (IReadOnlyList<Account>)[]),
        };
        Add(group.Who, new ConversationTarget(null, conversation), wide: true);
        foreach (var other in others) Accounts.Add(other.Key.Value);
    }

    private void AddMessage(Account who, string id)
    {
        if (MessageIds.TryParse(id, out var conversation, out _)) Add(who, new ConversationTarget(null, conversation), wide: true);
    }

    private void Add(Account who, ConversationTarget target, bool wide = false)
    {
        Accounts.Add(who.Key.Value);
        if (target.Key is { } key) Keys.Add(key.Value);
        else if (target.Peer is { } peer)
        {
            Accounts.Add(peer.Key.Value);
            Pairs.Add((Math.Min(who.Key.Value, peer.Key.Value), Math.Max(who.Key.Value, peer.Key.Value)));
        }
        else if (target.Conversation is { } id)
        {
            Ids.Add(id);
            if (wide) Wide.Add(id);
        }
    }
}
