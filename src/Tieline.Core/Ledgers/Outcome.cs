using Tieline.Core.Accounts;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Ledgers;

/// <summary>What became of a command, known only after commit.</summary>
public abstract record Outcome;

/// <summary>The message is on disk.</summary>
public sealed record Acknowledged(AckFrame Ack) : Outcome;

/// <summary>The change is on disk.</summary>
/// <param name="Count">How much it changed: messages newly read or hidden, 1 or 0 for a relation.</param>
public sealed record Changed(long Count) : Outcome;

public sealed record AccountAdded(Account Account, bool Created) : Outcome;

/// <summary>The change is on disk, and has an answer of its own.</summary>
public sealed record Answered(ServerFrame Frame) : Outcome;

/// <summary>Nothing was stored.</summary>
public sealed record Refused(WireError Error, string Why) : Outcome;
