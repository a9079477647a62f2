using Tieline.Doctor.Tests.Peers;

namespace Tieline.Doctor.Tests.Harness;

/// <summary>What the doctor is given: the public address alone, and then more and more of the machine.</summary>
public enum Sight { Outside, Echo, Direct, Everything }

/// <summary>One way in which a line fails, or works, behind real programs.</summary>
internal sealed record ProxyCase(string Name, string Proxy, string Cause)
{
    /// <summary>
    /// Configuration by file name, each started with its program; "file" only lies there and "link" points to what its text says.
    /// Placeholders: {front} {front_tls} {inner} {backend} {closed} {other} {run} {certs}.
    /// </summary>
    public required IReadOnlyList<(string Program, string File, string Text)> Configs { get; init; }

    /// <summary>The application; null where none runs.</summary>
    public AppStyle? App { get; init; } = new();

    /// <summary>A middlebox on the public port, or none.</summary>
    public string Box { get; init; } = "";

    /// <summary>Something that takes the backend's port in the application's place.</summary>
    public string BackendBox { get; init; } = "";

    public bool Secure { get; init; }

    /// <summary>Client and port do not fit: ws:// to the TLS port, or wss:// to the plain one.</summary>
    public bool WrongScheme { get; init; }

    public string Path { get; init; } = "/api/chat/ws/bob";

    public string Token { get; init; } = "good-token";

    public bool EchoOk { get; init; }

    /// <summary>Address the application listens on.</summary>
    public string AppAddress { get; init; } = "127.0.0.1";

    /// <summary>Seconds to hold lines; 0 where holding shows nothing.</summary>
    public int Hold { get; init; }

    /// <summary>File that replaces the front's after start, without a reload.</summary>
    public string? ChangedOnDisk { get; init; }

    /// <summary>Which file that is, where it is not the front's own.</summary>
    public string ChangedFile { get; init; } = "";

    /// <summary>Nothing is expected to listen on the public port.</summary>
    public bool NoWait { get; init; }

    /// <summary>The file's own mend is expected to work (for --fix).</summary>
    public bool Mendable { get; init; }

    public bool Healthy => Cause == "none";

    public override string ToString() => Name;
}
