namespace Tieline.Protocol.Frames;

/// <summary><paramref name="User"/> is writing in this conversation; show it for 6 seconds.</summary>
public sealed record ServerTypingFrame(string Conversation, string User) : ServerFrame;

/// <summary>Whether somebody who is watched is there.</summary>
/// <param name="LastSeen">When they were last there; null where they are there now, or where that is not told.</param>
public sealed record PresenceFrame(string User, bool Online, Timestamp? LastSeen) : ServerFrame;

/// <summary>What others may see of this account now.</summary>
public sealed record ServerPrivacyFrame(long Pos, bool Receipts, bool Online, bool LastSeen, bool Typing) : LoggedFrame(Pos);
