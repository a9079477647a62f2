namespace Tieline.Doctor.Evidence;

/// <summary>How a WebSocket over HTTP/2 (RFC 8441) went.</summary>
/// <param name="Offered">The server's SETTINGS say that it takes the extended CONNECT; else browsers use HTTP/1.1.</param>
/// <param name="Status">What it answered; 0 where it did not.</param>
/// <param name="Detail">Its own words where it did not.</param>
/// <param name="Line">What the open line did.</param>
internal sealed record Http2Report(bool Offered, int Status = 0, string Detail = "", LineReport? Line = null)
{
    public bool Works => Line is { } line && (line.Pong || line.PongAfterBurst);

    public string Words() => !Offered ? "not offered" : Line is not null ? $"{Status}, {Line.Words()}" : Status > 0 ? $"{Status}" : Detail;
}
