using System.Text.Json;

namespace Tieline.Protocol.Frames;

/// <summary>Reads what a client sends, over the v2 socket or as the body of a REST command.</summary>
public static partial class ClientFrameReader
{
    public const int MaxHistoryLimit = 200;
    public const int DefaultHistoryLimit = 50;

    /// <param name="utf8">One JSON object.</param>
    /// <param name="type">The frame's type where the route gives it; otherwise the field <c>type</c> is read.</param>
    /// <exception cref="FrameException">not_json, unknown_type or invalid, with a sentence that says what was wrong.</exception>
    public static ClientFrame Read(ReadOnlySpan<byte> utf8, string? type = null)
    {
        var fields = FrameFields.Read(utf8);
        return (type ?? fields.Type) switch
        {
            "send" => ReadSend(fields),
            "recv" => new RecvFrame(Required(fields.Pos, "pos")),
            "read" => new ReadFrame(Required(fields.Conversation, "conversation"), Required(fields.Seq, "seq")),
            "ping" => new PingFrame(),
            "pong" => new PongFrame(),
            "sync" => new SyncFrame(Required(fields.Since, "since")),
            "history" => new HistoryFrame(Required(fields.Conversation, "conversation"), fields.BeforeSeq,
                (int)Math.Clamp(fields.Limit ?? DefaultHistoryLimit, 1, MaxHistoryLimit)),
            "auth" => new AuthFrame(Required(fields.Token, "token")),
            "clear" => new ClearFrame(Required(fields.Conversation, "conversation"), fields.Seq),
            null => throw new FrameException(WireError.Invalid, "A frame carries a string field type.", fields.ClientId),
            var other => ReadCommand(other, utf8, fields.ClientId),
        };
    }

    /// <summary>Each feature reads its own commands, in a file of its own.</summary>
    private static ClientFrame ReadCommand(string type, ReadOnlySpan<byte> utf8, string? clientId)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = CommandFields.MaxDepth });
        using var document = JsonDocument.ParseValue(ref reader);
        var fields = new CommandFields(document.RootElement, clientId);
        return ReadMessageCommand(type, fields) ?? ReadGroupCommand(type, fields) ?? ReadLiveCommand(type, fields)
            ?? throw new FrameException(WireError.UnknownType, $"This server knows no frame of type {Excerpt(type)}.", clientId);
    }

    private static SendFrame ReadSend(in FrameFields fields)
    {
        var clientId = fields.ClientId ?? throw new FrameException(WireError.Invalid, "send needs a client_id, made once per message and kept at every resend.");
        if (!Identifiers.IsValidClientId(clientId))
            throw new FrameException(WireError.Invalid, $"client_id must be 1 to {Identifiers.MaxClientIdLength} of A-Z a-z 0-9 . _ ~ | : @ -.");
        if (fields.To is null == fields.Conversation is null)
            throw new FrameException(WireError.Invalid, "send names its target once: to (an account) or conversation.", clientId);
        var says = !string.IsNullOrWhiteSpace(fields.Message) || fields.Card is not null || fields.Attachments is not null;
        if (fields.ForwardOf is not null && says)
            throw new FrameException(WireError.Invalid, "forward_of stands in place of message, card and attachments; send what you add as a message of its own.", clientId);
        if (fields.ForwardOf is null && !says)
            throw new FrameException(WireError.Invalid, "send carries a message that is not blank, a card, attachments or forward_of.", clientId);
        return new SendFrame(clientId, fields.To, fields.Conversation, fields.ForwardOf is null ? fields.Message ?? "" : "", fields.Card, fields.ReplyTo, fields.Attachments,
            fields.Mentions, fields.ForwardOf);
    }

    private static string Required(string? value, string field) => value ?? throw new FrameException(WireError.Invalid, $"{field} is missing.");

    private static long Required(long? value, string field) => value ?? throw new FrameException(WireError.Invalid, $"{field} is missing.");

    private static string Excerpt(string text) => text.Length <= 32 ? text : text[..32] + "...";
}
