using Tieline.Doctor.Probes;

namespace Tieline.Doctor.Evidence;

/// <summary>What an open line did while it was watched.</summary>
internal sealed record LineReport
{
    /// <summary>A ping came back as a pong.</summary>
    public bool Pong { get; init; }

    /// <summary>The pong came only after many more pings had been sent.</summary>
    public bool PongAfterBurst { get; init; }

    public int DataFrames { get; init; }

    public int PingsFromServer { get; init; }

    public LineEnd End { get; init; }

    public int CloseCode { get; init; }

    public string CloseReason { get; init; } = "";

    public string Garbage { get; init; } = "";

    /// <summary>The server ended the line after our close frame: it hears us although we do not hear it.</summary>
    public bool HeardOurClose { get; init; }

    /// <summary>Seconds from the 101 until the end, or for as long as it was watched.</summary>
    public double Seconds { get; init; }

    public static LineReport Of(LiveLine line, double seconds) => new()
    {
        DataFrames = line.DataFrames,
        PingsFromServer = line.PingsFromServer,
        End = line.End,
        CloseCode = line.CloseCode,
        CloseReason = line.CloseReason,
        Garbage = line.Garbage,
        Seconds = seconds,
    };

    public bool Ended => End != LineEnd.None;

    public string Words() => End switch
    {
        LineEnd.None => Pong ? "open, ping and pong" : "open, but no pong",
        LineEnd.Closed => $"closed with {CloseCode}{(CloseReason.Length > 0 ? $" \"{CloseReason}\"" : "")} after {Seconds:0.0} s",
        LineEnd.Fin => $"ended without a close frame after {Seconds:0.0} s",
        LineEnd.Reset => $"reset after {Seconds:0.0} s",
        _ => $"bytes that are no frame: {Garbage}",
    };
}
