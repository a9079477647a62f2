using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tieline.Protocol.Frames;

/// <summary>Writes frames as JSON. A message is encoded once: only <c>pos</c> differs between the logs it stands in, so it is written in front of the shared rest.</summary>
public static class FrameWriter
{
    /// <summary>Text stays readable: only what JSON demands is escaped. No frame is ever put into HTML by the server.</summary>
    internal static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private const int LargestScratch = 64 * 1024;

    [ThreadStatic] private static Utf8JsonWriter? _writer;
    [ThreadStatic] private static ArrayBufferWriter<byte>? _scratch;

    /// <summary>The JSON of a frame, on its own.</summary>
    public static byte[] ToUtf8(ServerFrame frame)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        Write(buffer, frame);
        return buffer.WrittenSpan.ToArray();
    }

    public static void Write(IBufferWriter<byte> output, ServerFrame frame)
    {
        if (frame is MessageFrame message)
        {
            WriteLogged(output, message.Pos, EncodeMessage(message.Message));
            return;
        }

        if (frame is UpdateFrame update)
        {
            WriteUpdate(output, update.Pos, EncodeMessage(update.Message));
            return;
        }

        var json = Rent(output);
        json.WriteStartObject();
        ServerFrameFields.Write(json, frame);
        json.WriteEndObject();
        Return(json);
    }

    /// <summary>Everything of a message frame that is the same in every log: <c>"conversation":...}</c>.</summary>
    public static byte[] EncodeMessage(WireMessage message)
    {
        // The writer asks for three times what a text may need; in a buffer of its own each message would leave a kilobyte to collect.
        var buffer = _scratch ?? new ArrayBufferWriter<byte>(4096);
        _scratch = null;
        var json = Rent(buffer);
        json.WriteStartObject();
        ServerFrameFields.WriteMessage(json, message);
        json.WriteEndObject();
        Return(json);
        var encoded = buffer.WrittenSpan[1..].ToArray();
        buffer.ResetWrittenCount();
        if (buffer.Capacity <= LargestScratch) _scratch = buffer;
        return encoded;
    }

    /// <summary>A message frame from its position in one log and the bytes of <see cref="EncodeMessage"/>.</summary>
    public static void WriteLogged(IBufferWriter<byte> output, long pos, ReadOnlySpan<byte> encodedMessage) =>
        WriteLogged(output, "{\"type\":\"message\",\"pos\":"u8, pos, encodedMessage);

    /// <summary>The same message as an update.</summary>
    public static void WriteUpdate(IBufferWriter<byte> output, long pos, ReadOnlySpan<byte> encodedMessage) =>
        WriteLogged(output, "{\"type\":\"update\",\"pos\":"u8, pos, encodedMessage);

    private static void WriteLogged(IBufferWriter<byte> output, ReadOnlySpan<byte> head, long pos, ReadOnlySpan<byte> encodedMessage)
    {
        var span = output.GetSpan(head.Length + 21 + encodedMessage.Length);
        head.CopyTo(span);
        Utf8Formatter.TryFormat(pos, span[head.Length..], out var digits);
        var at = head.Length + digits;
        span[at++] = (byte)',';
        encodedMessage.CopyTo(span[at..]);
        output.Advance(at + encodedMessage.Length);
    }

    /// <summary>A writer of this thread; give it back with <see cref="Return"/>.</summary>
    internal static Utf8JsonWriter Rent(IBufferWriter<byte> output)
    {
        var json = _writer ?? new Utf8JsonWriter(output, JsonOptions);
        _writer = null;
        json.Reset(output);
        return json;
    }

    internal static void Return(Utf8JsonWriter json)
    {
        json.Flush();
        _writer = json;
    }
}
