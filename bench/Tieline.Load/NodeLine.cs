using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Tieline.Load;

/// <summary>The frames of the Node rival in bench/rivals/ws.</summary>
internal sealed class NodeLine(Person person, ILineEvents events) : Line(person, events)
{
    private long _newest;

    protected override string Target => $"/?since={_newest}";

    public override void Send(Person to, int number, ReadOnlySpan<byte> text)
    {
        Span<byte> frame = stackalloc byte[512];
        Utf8.TryWrite(frame, $"{{\"type\":\"send\",\"client_id\":{number},\"to\":\"{to.Id}\",\"text\":\"{text}\"}}", out var length);
        WriteText(frame[..length]);
    }

    protected override void Received(ReadOnlySpan<byte> message)
    {
        var reader = new Utf8JsonReader(message);
        ReadOnlySpan<byte> type = default;
        var number = 0;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            if (reader.ValueTextEquals("type"u8)) type = reader.Read() ? reader.ValueSpan : default;
            else if (reader.ValueTextEquals("client_id"u8)) number = reader.Read() ? reader.GetInt32() : 0;
            else if (reader.ValueTextEquals("id"u8)) _newest = reader.Read() ? Math.Max(_newest, reader.GetInt64()) : 0;
            else if (reader.ValueTextEquals("text"u8)) Arrived(ref reader);
        }

        if (type.SequenceEqual("ack"u8)) Events.Acknowledged(this, number);
        else if (type.SequenceEqual("history"u8)) Events.Ready(this);
        else if (type.SequenceEqual("error"u8)) Events.Broken(this, Encoding.UTF8.GetString(message));
    }

    private void Arrived(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (Letter.TryRead(reader.ValueSpan, out var letter)) Events.Arrived(this, letter);
        else Events.Broken(this, "a message that nobody sent");
    }
}
