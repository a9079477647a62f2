namespace Tieline.Protocol.Frames;

/// <summary>Asks for a durable change. With a <paramref name="ClientId"/> its success is answered <c>done</c>; the same again changes nothing.</summary>
public abstract record CommandFrame(string? ClientId) : ClientFrame;

/// <summary>Gives a message of mine another text.</summary>
public sealed record EditFrame(string Id, string Text, string? ClientId = null) : CommandFrame(ClientId);

/// <summary>Deletes a message: for everybody, which leaves a tombstone, or for me only.</summary>
public sealed record DeleteFrame(string Id, bool ForAll, string? ClientId = null) : CommandFrame(ClientId);

/// <summary>My one reaction to a message; null takes it back.</summary>
public sealed record ReactFrame(string Id, string? Emoji, string? ClientId = null) : CommandFrame(ClientId);

/// <summary>Pins a message for everybody in the chat.</summary>
public sealed record PinFrame(string Id, bool On, string? ClientId = null) : CommandFrame(ClientId);

/// <summary>Marks a message for me only.</summary>
public sealed record StarFrame(string Id, bool On, string? ClientId = null) : CommandFrame(ClientId);

/// <summary>What I have begun to write, for my other devices; blank removes it.</summary>
public sealed record DraftFrame(string? To, string? Conversation, string Text, string? ReplyTo = null, string? ClientId = null) : CommandFrame(ClientId);

/// <summary>How long later messages of a chat stay; 0: for ever.</summary>
public sealed record DisappearFrame(string? To, string? Conversation, long Seconds, string? ClientId = null) : CommandFrame(ClientId);
