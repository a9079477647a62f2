using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Tieline.Doctor.Targets;

/// <summary>What the doctor may look at and how long it may take.</summary>
internal sealed record DoctorOptions
{
    public required Target Target { get; init; }

    public IReadOnlyDictionary<string, IPAddress> Resolve { get; init; } = new Dictionary<string, IPAddress>();

    /// <summary>Roots to trust beside none other; empty trusts the system's.</summary>
    public X509Certificate2Collection Trusted { get; init; } = [];

    /// <summary>Path of the diagnostic echo; null looks for it under the socket's prefix.</summary>
    public string? EchoPath { get; init; }

    /// <summary>True where no echo may be asked.</summary>
    public bool NoEcho { get; init; }

    /// <summary>The server itself, reached past every proxy; null when outside.</summary>
    public Endpoint? Backend { get; init; }

    /// <summary>Proxies behind the first one.</summary>
    public IReadOnlyList<Endpoint> Inner { get; init; } = [];

    public IReadOnlyList<string> ConfigFiles { get; init; } = [];

    public IReadOnlyList<string> LogFiles { get; init; } = [];

    /// <summary>On the server, with the server's own address given, the programs on the way are looked for: their files and logs.</summary>
    public bool Discover { get; init; } = true;

    /// <summary>An address that the application answers with JSON; null tries the usual ones.</summary>
    public string? KnownPath { get; init; }

    /// <summary>Data frames are allowed: the other side is an echo or the operator said so.</summary>
    public bool EchoOk { get; init; }

    /// <summary>The page that opens the socket, for mixed content and Origin.</summary>
    public Uri? Page { get; init; }

    public string? Subprotocol { get; init; }

    public Endpoint? ForwardProxy { get; init; }

    /// <summary>user:password for the forward proxy.</summary>
    public string? ForwardLogin { get; init; }

    /// <summary>How long idle lines are watched; zero leaves the holds out.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(25);

    public bool Inside => Backend is not null || ConfigFiles.Count > 0 || LogFiles.Count > 0;

    public Uri PageOrOwn => Page ?? new Uri($"{(Target.Front.Secure ? "https" : "http")}://{Target.Front.Authority}");
}
