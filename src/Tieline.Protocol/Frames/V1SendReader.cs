namespace Tieline.Protocol.Frames;

/// <summary>What a v1 client sends: text, a card, or both. There are no other frames.</summary>
/// <param name="Text">The text, or null where only a card came.</param>
/// <param name="Kind">Which default text applies when there is no text.</param>
/// <param name="ClientId">Present where a newer client added one.</param>
/// <param name="Unstorable">Why nobody could store it, null where it can be: it was meant to be sent, so its sender must hear of it.</param>
public sealed record V1Send(string? Text, V1CardKind Kind, string? Card, string? ClientId, string? Unstorable = null);

public enum V1CardKind
{
    None,
    Post,
    StoryReply,
}

public static class V1SendReader
{
    /// <returns>Null for what v1 ignores: no object, blank without a card.</returns>
    /// <param name="why">Why it is ignored, for the log.</param>
    public static V1Send? TryRead(ReadOnlySpan<byte> utf8, out string why)
    {
        why = "";
        try
        {
            var fields = FrameFields.ReadV1(utf8);
            var card = V1Card.Join(fields.PostId, fields.StoryId, fields.StoryData);
            var text = string.IsNullOrWhiteSpace(fields.Message) ? null : fields.Message;
            if (text is null && card is null)
            {
                why = "it has neither text nor card";
                return null;
            }

            var clientId = fields.ClientId is { } id && Identifiers.IsValidClientId(id) ? id : null;
            var kind = card is null ? V1CardKind.None : fields.PostId is not null ? V1CardKind.Post : V1CardKind.StoryReply;
            return new V1Send(text, kind, card, clientId);
        }
        catch (FrameException e) when (e.Error == WireError.Invalid)
        {
            return new V1Send(null, V1CardKind.None, null, null, e.Message);
        }
        catch (FrameException e)
        {
            why = e.Message;
            return null;
        }
    }
}
