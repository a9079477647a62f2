using Tieline.Core.Accounts;
using Tieline.Protocol;

namespace Tieline.Core.Ledgers;

/// <summary>Set what others may see of this account; what is null stays as it is.</summary>
public sealed record ChangePrivacy(Account Who, bool? Receipts = null, bool? Online = null, bool? LastSeen = null, bool? Typing = null) : Command;

/// <summary>Note when accounts were last there. No event: it is told by presence.</summary>
public sealed record MarkSeen(IReadOnlyList<(AccountKey Account, Timestamp At)> Seen) : Command;

/// <summary>Take a stranger's request as a chat like any other.</summary>
public sealed record AcceptRequest(Account Who, ConversationTarget Target) : ConversationCommand(Who, Target);
