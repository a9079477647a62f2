namespace Tieline.Core.Ledgers;

/// <summary>The rules that an operator may choose.</summary>
public sealed record LedgerRules
{
    public static readonly LedgerRules Default = new();

    /// <summary>A first message from somebody with whom one shares no chat is a request.</summary>
    public bool Requests { get; init; }

    /// <summary>How long after it was sent a message may be edited. Zero: never. Null: for ever.</summary>
    public TimeSpan? EditWindow { get; init; } = TimeSpan.FromMinutes(15);
}
