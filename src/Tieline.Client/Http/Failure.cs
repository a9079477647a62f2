using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Tieline.Client.Http;

/// <summary>In which way a request or line failed.</summary>
internal enum FailureKind
{
    /// <summary>Name resolution, refused, reset, cut.</summary>
    Network,
    Tls,
    Timeout,

    /// <summary>An HTTP answer that was not the wanted one.</summary>
    Status,

    /// <summary>A WebSocket's close frame.</summary>
    Closed,

    /// <summary>An answer that makes no sense.</summary>
    Garbled,
}

/// <summary>What went wrong, as data: it decides what to do next and what to tell people.</summary>
internal sealed record Failure(Transport Transport, FailureKind Kind, string Text)
{
    public int? Status { get; init; }
    public int? CloseCode { get; init; }
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The error frame of a Tieline server.</summary>
    public Protocol.Frames.ErrorFrame? Error { get; init; }

    /// <summary>The answer had X-Tieline: it came from the server itself and not from something in between.</summary>
    public bool FromTieline { get; init; }
    public string? ServerHeader { get; init; }

    public bool IsUnauthorized => (Status == 401 && Kind == FailureKind.Status)
        || (CloseCode is { } code && Protocol.CloseCodes.ActionFor(code) == Protocol.CloseAction.RefreshToken) || Error?.Code == Protocol.WireError.Unauthorized.Code;

    /// <summary>The server does not want this account to come back. A 4400 is about one frame and not about the account.</summary>
    public bool IsStop => CloseCode is { } code && code != Protocol.CloseCodes.NotJson && Protocol.CloseCodes.ActionFor(code) == Protocol.CloseAction.Stop;

    public bool IsBusy => Status is 429 or 503 || CloseCode is Protocol.CloseCodes.TryAgainLater or Protocol.CloseCodes.SlowDown;

    public static Failure Of(Transport transport, Exception exception)
    {
        if (exception is LineException line) return line.Failure;
        if (exception is OperationCanceledException or TimeoutException) return new Failure(transport, FailureKind.Timeout, "no answer in time");
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is AuthenticationException) return new Failure(transport, FailureKind.Tls, inner.Message);
            if (inner is SocketException socket)
                return new Failure(transport, FailureKind.Network, string.Create(CultureInfo.InvariantCulture, $"{socket.SocketErrorCode}: {socket.Message}"));
        }

        return new Failure(transport, FailureKind.Network, exception.Message);
    }
}

/// <summary>A line that did not open or has ended.</summary>
internal sealed class LineException(Failure failure) : Exception(failure.Text)
{
    public Failure Failure { get; } = failure;
}
