namespace Tieline.Protocol.Frames;

/// <summary>A message that stood there before is now as <paramref name="Message"/> says.</summary>
public sealed record UpdateFrame(long Pos, WireMessage Message) : LoggedFrame(Pos);

/// <summary>This account deleted a message for itself only.</summary>
public sealed record HiddenFrame(long Pos, string Conversation, long Seq) : LoggedFrame(Pos);

/// <summary>This account starred a message, or took the star away; shows what holds now.</summary>
public sealed record StarredFrame(long Pos, string Conversation, long Seq, bool Starred) : LoggedFrame(Pos);

/// <summary>What this account has begun to write in a chat; null: nothing.</summary>
public sealed record DraftedFrame(long Pos, string Conversation, string? Text, string? ReplyTo = null) : LoggedFrame(Pos);

/// <summary>A command is done and on disk.</summary>
/// <param name="Changed">How much it changed: 0 where everything was so already.</param>
public sealed record DoneFrame(string? ClientId, long Changed) : ServerFrame;
