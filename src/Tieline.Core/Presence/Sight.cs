using Tieline.Core.Accounts;
using Tieline.Protocol;

namespace Tieline.Core.Presence;

/// <summary>What lies between somebody who looks and the one looked at, as the store has it.</summary>
/// <param name="SharesChat">They are in one conversation that is no mere request.</param>
/// <param name="Blocked">One of the two has blocked the other.</param>
/// <param name="Seen">When the one looked at was last there, null where nobody knows.</param>
public readonly record struct Sight(bool SharesChat, bool Blocked, Privacy Viewer, Privacy Of, Timestamp? Seen)
{
    /// <summary>Larger groups are not told who types.</summary>
    public const int MaxTypingMembers = 100;

    /// <summary>Strangers see nothing of each other, and neither do two between whom a block stands.</summary>
    public bool IsClear => SharesChat && !Blocked;

    public bool ShowsOnline => IsClear && Viewer.Online && Of.Online;

    public bool ShowsLastSeen => IsClear && Viewer.LastSeen && Of.LastSeen;

    public bool ShowsTyping => IsClear && Viewer.Typing && Of.Typing;
}
