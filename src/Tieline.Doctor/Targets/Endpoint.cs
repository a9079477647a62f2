namespace Tieline.Doctor.Targets;

/// <summary>A place that takes connections.</summary>
internal sealed record Endpoint(string Host, int Port, bool Secure)
{
    /// <summary>What goes into the Host header: the port only where it is not the usual one.</summary>
    public string Authority => (Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host) + (Port == (Secure ? 443 : 80) ? "" : $":{Port}");

    public override string ToString() => $"{(Secure ? "wss" : "ws")}://{Authority}";

    public static Endpoint Of(Uri uri) => new(uri.IdnHost.Trim('[', ']'), uri.Port is -1 ? (IsSecure(uri) ? 443 : 80) : uri.Port, IsSecure(uri));

    private static bool IsSecure(Uri uri) => uri.Scheme is "wss" or "https";
}
