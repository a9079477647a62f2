using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Tieline.Protocol.Frames;

/// <summary>
/// The fields of one incoming JSON object, read in a single pass without building a tree. A field that a frame does not use may hold
/// anything; a field that it uses must have its type.
/// </summary>
internal ref struct FrameFields
{
    private const int MaxDepth = 32;

    public string? Type, ClientId, To, Conversation, Message, ReplyTo, Since, Token;
    public string? Card, Attachments, Mentions, ForwardOf, PostId, StoryId, StoryData;
    public long? Pos, Seq, BeforeSeq, Limit;

    /// <exception cref="FrameException">not_json for what is no JSON object; invalid for a field of the wrong type.</exception>
    public static FrameFields Read(ReadOnlySpan<byte> utf8) => Read(utf8, v1: false);

    /// <summary>The fields of the first protocol, whose clients may put into any other field whatever they like.</summary>
    /// <exception cref="FrameException">not_json for what is no JSON object; invalid for a text or card that nobody could store.</exception>
    public static FrameFields ReadV1(ReadOnlySpan<byte> utf8) => Read(utf8, v1: true);

    private static FrameFields Read(ReadOnlySpan<byte> utf8, bool v1)
    {
        var fields = default(FrameFields);
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new FrameException(v1 ? WireError.NotJson : WireError.Invalid, $"A frame is a JSON object, this is {Describe(reader.TokenType)}.");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (v1) fields.ReadV1Field(ref reader, utf8);
                else fields.ReadField(ref reader, utf8);
            }

            if (reader.Read()) throw new FrameException(WireError.NotJson, "Something follows the JSON object.");
        }
        catch (JsonException e)
        {
            throw new FrameException(WireError.NotJson, $"The frame is not valid JSON (byte {e.BytePositionInLine ?? 0}, at most {MaxDepth} levels deep).");
        }

        return fields;
    }

    private void ReadV1Field(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        if (reader.ValueTextEquals("message"u8)) Message = TextOrNull(ref reader, "message");
        else if (reader.ValueTextEquals("client_id"u8)) ClientId = TextOrNull(ref reader, "client_id");
        else if (reader.ValueTextEquals("post_id"u8)) PostId = Raw(ref reader, utf8);
        else if (reader.ValueTextEquals("story_id"u8)) StoryId = Raw(ref reader, utf8);
        else if (reader.ValueTextEquals("story_data"u8)) StoryData = Raw(ref reader, utf8);
        else
        {
            reader.Read();
            reader.Skip();
        }
    }

    private readonly string? TextOrNull(ref Utf8JsonReader reader, string field)
    {
        var value = reader;
        value.Read();
        if (value.TokenType == JsonTokenType.String) return Text(ref reader, field);
        reader.Read();
        reader.Skip();
        return null;
    }

    private void ReadField(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        if (reader.ValueTextEquals("type"u8)) Type = Text(ref reader, "type");
        else if (reader.ValueTextEquals("client_id"u8)) ClientId = Text(ref reader, "client_id");
        else if (reader.ValueTextEquals("to"u8)) To = Text(ref reader, "to");
        else if (reader.ValueTextEquals("conversation"u8)) Conversation = Text(ref reader, "conversation");
        else if (reader.ValueTextEquals("message"u8)) Message = Text(ref reader, "message");
        else if (reader.ValueTextEquals("reply_to"u8)) ReplyTo = Text(ref reader, "reply_to");
        else if (reader.ValueTextEquals("since"u8)) Since = Text(ref reader, "since");
        else if (reader.ValueTextEquals("token"u8)) Token = Text(ref reader, "token");
        else if (reader.ValueTextEquals("pos"u8)) Pos = Number(ref reader, "pos");
        else if (reader.ValueTextEquals("seq"u8)) Seq = Number(ref reader, "seq");
        else if (reader.ValueTextEquals("before_seq"u8)) BeforeSeq = Number(ref reader, "before_seq");
        else if (reader.ValueTextEquals("limit"u8)) Limit = Number(ref reader, "limit");
        else if (reader.ValueTextEquals("card"u8)) Card = Raw(ref reader, utf8, "card", JsonTokenType.StartObject);
        else if (reader.ValueTextEquals("attachments"u8)) Attachments = Raw(ref reader, utf8, "attachments", JsonTokenType.StartArray);
        else if (reader.ValueTextEquals("mentions"u8)) Mentions = Raw(ref reader, utf8, "mentions", JsonTokenType.StartArray);
        else if (reader.ValueTextEquals("forward_of"u8)) ForwardOf = Text(ref reader, "forward_of");
        else if (reader.ValueTextEquals("post_id"u8)) PostId = Raw(ref reader, utf8);
        else if (reader.ValueTextEquals("story_id"u8)) StoryId = Raw(ref reader, utf8);
        else if (reader.ValueTextEquals("story_data"u8)) StoryData = Raw(ref reader, utf8);
        else
        {
            reader.Read();
            reader.Skip();
        }
    }

    private readonly string? Text(ref Utf8JsonReader reader, string field)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return null;
        if (reader.TokenType != JsonTokenType.String)
            throw new FrameException(WireError.Invalid, $"{field} must be a string, this is {Describe(reader.TokenType)}.", ClientId);
        try
        {
            var text = reader.GetString()!;
            if (text.Contains('\0')) throw new FrameException(WireError.Invalid, $"{field} must not contain U+0000.", ClientId);
            return text;
        }
        catch (InvalidOperationException)
        {
            throw new FrameException(WireError.Invalid, $"{field} contains half of a surrogate pair, which is not a character.", ClientId);
        }
    }

    private readonly long? Number(ref Utf8JsonReader reader, string field)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return null;
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
            throw new FrameException(WireError.Invalid, $"{field} must be a whole number of at least 0.", ClientId);
        return number;
    }

    /// <summary>A value of the host app, kept as it was written: it is theirs to understand.</summary>
    private readonly string? Raw(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, string? field = null, JsonTokenType expected = JsonTokenType.None)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return null;
        if (expected != JsonTokenType.None && reader.TokenType != expected)
            throw new FrameException(WireError.Invalid, $"{field} must be {Describe(expected)}, this is {Describe(reader.TokenType)}.", ClientId);
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return Compact(utf8[start..(int)reader.BytesConsumed]);
    }

    /// <summary>The same JSON without white space between tokens and with its strings checked, so that what is stored can always be sent again.</summary>
    private readonly string Compact(ReadOnlySpan<byte> json)
    {
        var buffer = new ArrayBufferWriter<byte>(json.Length);
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            using var document = JsonDocument.ParseValue(ref reader);
            using var writer = new Utf8JsonWriter(buffer, FrameWriter.JsonOptions);
            document.RootElement.WriteTo(writer);
        }
        catch (InvalidOperationException)
        {
            throw new FrameException(WireError.Invalid, "A card contains half of a surrogate pair, which is not a character.", ClientId);
        }

        var text = Encoding.UTF8.GetString(buffer.WrittenSpan);
        return text.Contains("\\u0000", StringComparison.Ordinal) ? throw new FrameException(WireError.Invalid, "A card must not contain U+0000.", ClientId) : text;
    }

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        JsonTokenType.Null => "null",
        _ => "nothing",
    };
}
