namespace Tieline.Client;

/// <summary>The four states of a connection. Whatever the state, sends are taken and kept.</summary>
public enum ConnectionState
{
    /// <summary>On the way.</summary>
    Connecting,

    /// <summary>A line is open: messages arrive.</summary>
    Online,

    /// <summary>No line could be opened. Tried again at <see cref="ConnectionStatus.RetryAt"/>, for as long as it takes.</summary>
    Offline,

    /// <summary>The token was refused, and so was a fresh one. <see cref="ChatClient.Connect"/> tries again.</summary>
    SignedOut,
}

/// <summary>How messages arrive.</summary>
public enum Transport
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>WebSocket, the usual way.</summary>
    WebSocket,

    /// <summary>Server-sent events; sends go by POST.</summary>
    Stream,

    /// <summary>Long polls; sends go by POST.</summary>
    Poll,
}

/// <summary>The state of the connection and what is known about it.</summary>
/// <param name="State">One of four.</param>
/// <param name="Transport">The way messages arrive while online, else <see cref="Transport.None"/>.</param>
/// <param name="RetryAt">While offline: when the next attempt starts.</param>
/// <param name="Diagnosis">Why there is no WebSocket, once that is known; null while everything is well.</param>
public sealed record ConnectionStatus(ConnectionState State, Transport Transport = Transport.None, DateTimeOffset? RetryAt = null, Diagnosis? Diagnosis = null)
{
    /// <summary>One line in words, such as <c>online by WebSocket</c>.</summary>
    public override string ToString() => State switch
    {
        ConnectionState.Online => Transport switch
        {
            Transport.WebSocket => "online by WebSocket",
            Transport.Stream => "online by stream",
            _ => "online by long poll",
        },
        ConnectionState.Offline => "offline",
        ConnectionState.SignedOut => "signed out",
        _ => "connecting",
    };
}

/// <summary>Why the WebSocket does not open, found by asking the server over plain HTTP and from the refused handshake itself.</summary>
/// <param name="Code">A stable word, such as <c>upgrade_stripped</c>, <c>wrong_backend</c>, <c>offline</c>, <c>auth</c>.</param>
/// <param name="UserText">A sentence for the person who chats; empty where the fallback works and nobody needs to be told.</param>
/// <param name="OperatorText">What was seen, why that usually happens, and what to change.</param>
/// <param name="Status">The HTTP status of the refused handshake, where there was one.</param>
/// <param name="Attempt">The id under which the server remembers this attempt for ten minutes.</param>
public sealed record Diagnosis(string Code, string UserText, string OperatorText, int? Status, Guid Attempt);
