using Tieline.Core.Accounts;

namespace Tieline.Core.Ledgers;

/// <summary>A change of a message that is stored already.</summary>
/// <param name="Id">The message, by its id on the wire.</param>
public abstract record MessageCommand(Account Who, string Id) : Command;

/// <summary>Give a message of one's own another text.</summary>
public sealed record Edit(Account Who, string Id, string Text) : MessageCommand(Who, Id);

/// <summary>Delete a message for everybody, or for oneself only.</summary>
public sealed record Delete(Account Who, string Id, bool ForAll) : MessageCommand(Who, Id);

/// <summary>Set one's reaction to a message; null takes it back.</summary>
public sealed record React(Account Who, string Id, string? Emoji) : MessageCommand(Who, Id);

/// <summary>Pin a message for everybody in the chat.</summary>
public sealed record Pin(Account Who, string Id, bool On) : MessageCommand(Who, Id);

/// <summary>Mark a message for oneself.</summary>
public sealed record Star(Account Who, string Id, bool On) : MessageCommand(Who, Id);

/// <summary>Keep what one has begun to write; blank removes it.</summary>
public sealed record Draft(Account Who, ConversationTarget Target, string Text, string? ReplyTo) : ConversationCommand(Who, Target);

/// <summary>From now on messages of a chat go after some time; zero: they stay.</summary>
public sealed record Disappear(Account Who, ConversationTarget Target, long Seconds) : ConversationCommand(Who, Target);

/// <summary>Remove messages whose time has come, as many as one batch should hold: asked again until nothing is changed.</summary>
public sealed record Sweep : Command;
