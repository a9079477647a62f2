using Tieline.Client.Outboxes;

namespace Tieline.Client;

/// <summary>Everything that can be set. The defaults are right for an app; tests replace the clock.</summary>
public sealed record ChatClientOptions
{
    /// <summary>Where unsent messages are kept. Default: in memory, so they are lost with the process. <see cref="FileOutbox"/> keeps them.</summary>
    public IOutbox? Outbox { get; init; }

    /// <summary>
    /// Names the account whose outbox this is: any text that is the same for the same person. Default: issuer and subject of the token, if
    /// it is a JWT; then messages written before the first token has come are not kept until it has.
    /// </summary>
    public string? Account { get; init; }

    /// <summary>The clock and all timers. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Sends all requests, the WebSocket's handshake too; for a proxy, a certificate or a test. Default: a SocketsHttpHandler of its own. It is not disposed.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>Messages that <see cref="Chat.Messages"/> starts with: 1 to 200, default 50.</summary>
    public int HistoryLimit { get; init; } = 50;

    /// <summary>Sends what was found about a connection that does not open to the operator (POST /api/chat/report). Default: true.</summary>
    public bool Report { get; init; } = true;

    /// <summary>Tries again at once when the system says that the network has changed. Default: true.</summary>
    public bool WatchNetwork { get; init; } = true;

    /// <summary>Takes one line for everything noteworthy: attempts, failures, ignored frames. Never holds a token or a text. Default: nowhere.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>The waiting times.</summary>
    internal Timings Timings { get; init; } = new();

    /// <summary>0 to 1, for jitter.</summary>
    internal Func<double> Random { get; init; } = System.Random.Shared.NextDouble;
}
