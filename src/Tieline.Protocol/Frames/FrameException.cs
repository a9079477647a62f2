namespace Tieline.Protocol.Frames;

/// <summary>A frame that cannot be understood. Carries the error to answer with; <see cref="Exception.Message"/> says what was wrong, in words for the developer who sent it.</summary>
public sealed class FrameException(WireError error, string message, string? clientId = null) : Exception(message)
{
    public WireError Error { get; } = error;

    /// <summary>The client_id of the refused frame where it could still be read.</summary>
    public string? ClientId { get; } = clientId;

    public ErrorFrame ToFrame() => ErrorFrame.Of(Error, Message, ClientId);
}
