namespace Tieline.Core.Accounts;

/// <summary>What others may see of an account. It holds both ways: what one hides, one does not see of others either.</summary>
/// <param name="Receipts">How far one has read. That a message was delivered is always told.</param>
/// <param name="Online">That one is there now.</param>
/// <param name="LastSeen">When one was last there.</param>
/// <param name="Typing">That one is writing.</param>
public sealed record Privacy(bool Receipts, bool Online, bool LastSeen, bool Typing)
{
    public static readonly Privacy Open = new(true, true, true, true);

    /// <summary>The four switches as one number, as stores keep them: a bit is set where something is hidden, so that 0 hides nothing.</summary>
    public long Hidden => (Receipts ? 0 : 1) | (Online ? 0 : 2) | (LastSeen ? 0 : 4) | (Typing ? 0 : 8);

    public static Privacy FromHidden(long hidden) => hidden == 0 ? Open : new((hidden & 1) == 0, (hidden & 2) == 0, (hidden & 4) == 0, (hidden & 8) == 0);
}

/// <summary>What the rules must know of an account itself.</summary>
/// <param name="Suspended">The moderators stopped it: it reads on, and writes nothing.</param>
public sealed record Standing(Privacy Privacy, bool Suspended)
{
    public static readonly Standing Good = new(Privacy.Open, false);
}
