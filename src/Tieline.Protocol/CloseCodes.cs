namespace Tieline.Protocol;

/// <summary>What a client does after a close. The range decides, so that a client obeys a code that is invented after it was built.</summary>
public enum CloseAction
{
    /// <summary>Come back, with back-off.</summary>
    Retry,

    /// <summary>Get a fresh token once, then come back at once.</summary>
    RefreshToken,

    /// <summary>Do not come back with the same request.</summary>
    Stop,
}

/// <summary>The close codes of the server, by range: 4400 to 4449 as their HTTP namesakes, everything below 4000 retries.</summary>
public static class CloseCodes
{
    public const int Normal = 1000;
    public const int ProtocolError = 1002;

    /// <summary>What an application is told where a close frame carries no code; never sent (RFC 6455, 7.4.1).</summary>
    public const int NoStatus = 1005;
    public const int InvalidPayload = 1007;
    public const int PolicyViolation = 1008;
    public const int MessageTooBig = 1009;
    public const int InternalError = 1011;
    public const int ServiceRestart = 1012;
    public const int TryAgainLater = 1013;
    public const int NotJson = 4400;
    public const int Unauthorized = 4401;
    public const int Forbidden = 4403;
    public const int NotFound = 4404;
    public const int TooSlow = 4408;
    public const int SlowDown = 4429;

    /// <summary>A close reason is a plain sentence of at most this many UTF-8 bytes (RFC 6455, 5.5).</summary>
    public const int MaxReasonBytes = 123;

    public static CloseAction ActionFor(int code) => code switch
    {
        PolicyViolation or Unauthorized => CloseAction.RefreshToken,
        TooSlow or SlowDown => CloseAction.Retry,
        >= 4400 and < 4450 => CloseAction.Stop,
        _ => CloseAction.Retry,
    };
}
