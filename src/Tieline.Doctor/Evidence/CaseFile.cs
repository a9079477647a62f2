using System.Collections.Concurrent;
using Tieline.Doctor.Probes;
using Tieline.Doctor.Targets;

namespace Tieline.Doctor.Evidence;

/// <summary>Everything that was seen in one examination; checks write it, the judge reads it.</summary>
internal sealed class CaseFile(DoctorOptions options)
{
    private readonly ConcurrentDictionary<Probe, Answer> _answers = new();

    public DoctorOptions Options { get; } = options;

    public Target Target => Options.Target;

    public Answer? this[Probe probe]
    {
        get => _answers.GetValueOrDefault(probe);
        set => _answers[probe] = value!;
    }

    public IReadOnlyList<string> Addresses { get; set; } = [];

    /// <summary>Configuration files: those that were given, else those of the programs found on this machine.</summary>
    public IReadOnlyList<string> ConfigFiles { get; set; } = options.ConfigFiles;

    /// <summary>Logs, in the same way.</summary>
    public IReadOnlyList<string> LogFiles { get; set; } = options.LogFiles;

    /// <summary>The public port is one of this machine's.</summary>
    public bool FrontIsHere { get; set; }

    /// <summary>The handshake; every examination has one.</summary>
    public Answer First => this[Probe.Handshake] ?? new Answer { Fault = Fault.NameUnknown };

    public LineReport? Line { get; set; }

    public LineReport? LineWithoutCompression { get; set; }

    public LineReport? DirectLine { get; set; }

    public LineReport? SilentHold { get; set; }

    public LineReport? PingedHold { get; set; }

    /// <summary>200 KB through an echo: how the line took it.</summary>
    public LineReport? Large { get; set; }

    /// <summary>The same over HTTP/2; null where it was not asked.</summary>
    public Http2Report? Http2 { get; set; }

    /// <summary>Handshakes one after the other, each closed before the next.</summary>
    public IReadOnlyList<Answer> Repeated { get; set; } = [];

    /// <summary>The first handshake once more, where it was refused.</summary>
    public IReadOnlyList<Answer> Again { get; set; } = [];

    /// <summary>Handshakes at once, all held open.</summary>
    public IReadOnlyList<Answer> Many { get; set; } = [];

    /// <summary>Handshakes straight at the proxies behind the first.</summary>
    public ConcurrentDictionary<string, Answer> InnerAnswers { get; } = new();

    /// <summary>Where each log ended when the run began.</summary>
    public IReadOnlyList<Logs.LogTail> Tails { get; set; } = [];

    /// <summary>Lines of each log that came while the front (and then the backend) was asked once more.</summary>
    public IReadOnlyList<LogLine> LogLines { get; set; } = [];

    /// <summary>Local addresses with a listener, as the kernel lists them; null when not looked at.</summary>
    public IReadOnlyList<string>? Listening { get; set; }

    public EchoReport? Echo => this[Probe.Echo] is { } a ? EchoReport.Parse(a.Body) : null;

    public EchoReport? EchoPlain => this[Probe.EchoPlain] is { } a ? EchoReport.Parse(a.Body) : null;

    public EchoReport? EchoOutside => this[Probe.EchoOutside] is { } a ? EchoReport.Parse(a.Body) : null;

    /// <summary>The handshake at paths where sockets often are.</summary>
    public ConcurrentDictionary<string, Answer> Usual { get; } = new();

    /// <summary>The known address behind each beginning of the socket's path.</summary>
    public ConcurrentDictionary<string, Answer> Cut { get; } = new();

    /// <summary>What arrives at paths of the same name without a part of it, or in other letters: a location may be written for one of them.</summary>
    public ConcurrentDictionary<string, EchoReport> EchoElsewhere { get; } = new();

    public EchoReport? DirectEcho => this[Probe.DirectEcho] is { } a ? EchoReport.Parse(a.Body) : null;

    /// <summary>A line that opened, and on which a ping came back.</summary>
    public bool Opened => First.Opened && Line is { } line && (line.Pong || line.PongAfterBurst);
}

/// <summary>One line of a log.</summary>
/// <param name="File">Where it stands.</param>
/// <param name="Text">The line, control characters removed, tokens masked.</param>
/// <param name="Phase">What the doctor was doing when it came.</param>
internal sealed record LogLine(string File, string Text, LogPhase Phase);

/// <summary>Older than this run, during it, or while one handshake was repeated on purpose.</summary>
internal enum LogPhase { Before, During, WhileFront, WhileDirect }
