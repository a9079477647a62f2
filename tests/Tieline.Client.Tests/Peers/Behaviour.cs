namespace Tieline.Client.Tests.Peers;

internal enum Way
{
    Works,

    /// <summary>Nothing is ever answered.</summary>
    Hang,

    /// <summary>The TCP connection is reset.</summary>
    Reset,

    /// <summary>An HTTP status instead.</summary>
    Status,

    /// <summary>The request takes effect, and then the connection is reset.</summary>
    CutAfter,

    /// <summary>101, and then silence.</summary>
    Silent,

    /// <summary>101 with a wrong Sec-WebSocket-Accept.</summary>
    BadAccept,

    /// <summary>101 and at once a close frame.</summary>
    Close,

    /// <summary>Works, and is reset after a time.</summary>
    Die,
}

/// <summary>How a path of the scripted server behaves.</summary>
internal sealed record Behaviour(Way Way, int Code = 0, string Text = "", bool FromTieline = false, int Milliseconds = 0, string Headers = "")
{
    public static readonly Behaviour Works = new(Way.Works);
    public static readonly Behaviour Hang = new(Way.Hang);
    public static readonly Behaviour Reset = new(Way.Reset);
    public static readonly Behaviour CutAfter = new(Way.CutAfter);
    public static readonly Behaviour Silent = new(Way.Silent);
    public static readonly Behaviour BadAccept = new(Way.BadAccept);

    public static Behaviour Status(int code, string headers = "") => new(Way.Status, code, "<html>a page of a proxy</html>", Headers: headers);

    public static Behaviour Error(int code, string word, bool retryable, string headers = "") =>
        new(Way.Status, code, $"{{\"code\":\"{word}\",\"message\":\"the server says {word}\",\"retryable\":{(retryable ? "true" : "false")},\"detail\":\"x\"}}", true, Headers: headers);

    public static Behaviour Close(int code, string reason) => new(Way.Close, code, reason);

    public static Behaviour Die(int milliseconds) => new(Way.Die, Milliseconds: milliseconds);
}
