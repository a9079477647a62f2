using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Tieline.Load;

/// <summary>Tieline's v2 socket, as a real client speaks it: client ids, receipts, pings, a cursor to come back with.</summary>
internal sealed class TielineLine(Person person, ILineEvents events) : Line(person, events)
{
    private const int NumberAt = 24, NumberDigits = 12;

    private string? _epoch;
    private long _pos, _receivedPos, _reportedPos;
    // Staggered, so that the receipts of a hundred clients do not fall on one instant.
    private long _lastReport = EventLoop.Now - EventLoop.Second * (person.Number % 100) / 100;

    protected override string Target =>
        _epoch is null ? "/api/chat/ws/me?v=2" : $"/api/chat/ws/me?v=2&since={Uri.EscapeDataString(_epoch)}.{_pos}";

    /// <summary>A UUIDv7 whose random tail carries the number, so that the acknowledgement needs no table.</summary>
    public override void Send(Person to, int number, ReadOnlySpan<byte> text)
    {
        Span<byte> frame = stackalloc byte[512];
        var time = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        Utf8.TryWrite(frame,
            $"{{\"type\":\"send\",\"client_id\":\"{time >> 16:x8}-{time & 0xffff:x4}-7{Person.Number & 0xfff:x3}-8{Person.Number >> 12:x3}-{number:x12}\",\"to\":\"{to.Id}\",\"message\":\"{text}\"}}",
            out var length);
        WriteText(frame[..length]);
    }

    protected override void Received(ReadOnlySpan<byte> message)
    {
        var reader = new Utf8JsonReader(message);
        ReadOnlySpan<byte> type = default, clientId = default, text = default;
        var pos = 0L;
        var more = false;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8)) type = Value(ref reader);
            else if (reader.ValueTextEquals("client_id"u8)) clientId = Value(ref reader);
            else if (reader.ValueTextEquals("message"u8)) text = Value(ref reader);
            else if (reader.ValueTextEquals("epoch"u8)) _epoch = Encoding.UTF8.GetString(Value(ref reader));
            else if (reader.ValueTextEquals("pos"u8)) pos = reader.Read() && reader.TryGetInt64(out var p) ? p : 0;
            else if (reader.ValueTextEquals("more"u8)) more = reader.Read() && reader.TokenType == JsonTokenType.True;
            else reader.Skip();
        }

        if (type.SequenceEqual("ack"u8)) Acknowledged(clientId, pos);
        else if (type.SequenceEqual("message"u8)) Arrived(text, pos);
        else if (type.SequenceEqual("receipt"u8) || type.SequenceEqual("void"u8)) _pos = Math.Max(_pos, pos);
        else if (type.SequenceEqual("ping"u8)) WriteText("{\"type\":\"pong\"}"u8);
        else if (type.SequenceEqual("synced"u8)) Synced(pos, more);
        else if (type.SequenceEqual("error"u8) || type.SequenceEqual("goaway"u8)) Events.Broken(this, Encoding.UTF8.GetString(message));
    }

    private void Acknowledged(ReadOnlySpan<byte> clientId, long pos)
    {
        _pos = Math.Max(_pos, pos);
        if (clientId.Length == NumberAt + NumberDigits
            && System.Buffers.Text.Utf8Parser.TryParse(clientId[NumberAt..], out long number, out _, 'x'))
            Events.Acknowledged(this, (int)number);
        else
            Events.Broken(this, $"acknowledged an unknown client_id {Encoding.UTF8.GetString(clientId)}");
    }

    private void Arrived(ReadOnlySpan<byte> text, long pos)
    {
        _pos = Math.Max(_pos, pos);
        if (!Letter.TryRead(text, out var letter)) Events.Broken(this, "a message that nobody sent");
        else if (letter.From != Person.Number)
        {
            _receivedPos = pos;
            Events.Arrived(this, letter);
        }
        Tick(EventLoop.Now);
    }

    private void Synced(long pos, bool more)
    {
        _pos = Math.Max(_pos, pos);
        if (!more) Events.Ready(this);
    }

    /// <summary>Tells the newest position received, at most once a second.</summary>
    public override void Tick(long now)
    {
        if (_receivedPos == _reportedPos || now - _lastReport < EventLoop.Second) return;
        (_reportedPos, _lastReport) = (_receivedPos, now);
        Span<byte> frame = stackalloc byte[64];
        Utf8.TryWrite(frame, $"{{\"type\":\"recv\",\"pos\":{_reportedPos}}}", out var length);
        WriteText(frame[..length]);
    }

    private static ReadOnlySpan<byte> Value(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) reader.Skip();
        return reader.ValueSpan;
    }
}
