namespace Tieline.Protocol.Findings;

/// <summary>How sure a remedy is, and so who may apply it.</summary>
public enum FixConfidence
{
    /// <summary>It mends exactly what was seen and weakens nothing: a machine may apply it.</summary>
    Certain,

    /// <summary>It may take away a protection or a limit somebody wanted: a person decides.</summary>
    Review,

    /// <summary>It needs a value that only the operator knows.</summary>
    FillIn,
}

/// <summary>One cause that can keep a live line from opening or from living, as data.</summary>
/// <param name="Code">Stable code, for example <c>TL404</c>; its first digit is the layer.</param>
/// <param name="Cause">Stable id, for example <c>proxy.location_missing</c>.</param>
/// <param name="Title">What is wrong, as one plain sentence without a full stop.</param>
/// <param name="Why">Why that keeps the socket from opening or from living.</param>
/// <param name="Fix">The recommended remedy.</param>
/// <param name="Confidence">How sure the remedy is.</param>
public sealed record FindingEntry(string Code, string Cause, string Title, string Why, string Fix, FixConfidence Confidence)
{
    /// <summary>The layer, read from the code.</summary>
    public FindingLayer Layer => (FindingLayer)(Code[2] - '0');

    /// <summary>Code, what is wrong and the remedy in one line, as clients and the server's own checks say it.</summary>
    public string Sentence => $"{Code} {Title}. {Fix}";
}
