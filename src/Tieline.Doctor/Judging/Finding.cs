using Tieline.Protocol.Findings;

namespace Tieline.Doctor.Judging;

/// <summary>One remedy, with the exact command or the exact change where there is one.</summary>
internal sealed record Remedy(string Text, FixConfidence Confidence)
{
    public string Command { get; init; } = "";
    public string Diff { get; init; } = "";

    /// <summary>The change itself.</summary>
    public IReadOnlyList<Configuration.Edit> Edits { get; init; } = [];

    /// <summary>The word for <see cref="Confidence"/> in reports.</summary>
    public string ConfidenceWord => Confidence switch
    {
        FixConfidence.Certain => "certain",
        FixConfidence.Review => "review",
        _ => "fill in",
    };
}

/// <summary>One cause, with what was seen and how to mend it.</summary>
internal sealed record Finding(FindingEntry Entry)
{
    public IReadOnlyList<string> Saw { get; init; } = [];
    public IReadOnlyList<Remedy> Fixes { get; init; } = [];

    /// <summary>Causes that what was seen does not rule out.</summary>
    public IReadOnlyList<string> Alternatives { get; init; } = [];

    /// <summary>The one further piece of evidence that would decide between this and the alternatives.</summary>
    public string Decider { get; init; } = "";
}

/// <summary>The end of an examination.</summary>
internal sealed record Verdict(bool Healthy, IReadOnlyList<Finding> Findings, IReadOnlyList<string> Notes);
