namespace Tieline.Doctor.Probes;

/// <summary>An open connection, with or without TLS.</summary>
internal sealed class Wire(Stream stream, string address) : IAsyncDisposable
{
    public Stream Stream { get; } = stream;
    public string Address { get; } = address;
    public TlsReport? Tls { get; init; }

    public async ValueTask DisposeAsync()
    {
        try { await Stream.DisposeAsync().ConfigureAwait(false); }
        catch (IOException) { /* the other side was faster */ }
    }
}
