using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Tieline.Load;

/// <summary>SignalR's JSON hub protocol over a WebSocket without negotiation.</summary>
internal sealed class SignalRLine(Person person, ILineEvents events) : Line(person, events)
{
    private const byte RecordSeparator = 0x1e;
    private const int Invocation = 1, Completion = 3, Ping = 6, Close = 7;

    private long _newest;

    protected override string Target => $"/chat?since={_newest}";

    protected override void Opened() => WriteText("{\"protocol\":\"json\",\"version\":1}\u001e"u8);

    public override void Send(Person to, int number, ReadOnlySpan<byte> text)
    {
        Span<byte> frame = stackalloc byte[512];
        Utf8.TryWrite(frame,
            $"{{\"type\":1,\"invocationId\":\"{number}\",\"target\":\"Send\",\"arguments\":[\"{to.Id}\",\"{text}\"]}}\u001e",
            out var length);
        WriteText(frame[..length]);
    }

    protected override void Received(ReadOnlySpan<byte> message)
    {
        while (message.IndexOf(RecordSeparator) is >= 0 and var end)
        {
            Record(message[..end]);
            message = message[(end + 1)..];
        }
    }

    private void Record(ReadOnlySpan<byte> record)
    {
        var reader = new Utf8JsonReader(record);
        ReadOnlySpan<byte> target = default;
        int type = 0, number = 0;
        var failed = false;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            if (reader.ValueTextEquals("type"u8)) type = reader.Read() ? reader.GetInt32() : 0;
            else if (reader.ValueTextEquals("target"u8)) target = reader.Read() ? reader.ValueSpan : default;
            else if (reader.ValueTextEquals("invocationId"u8)) number = reader.Read() ? int.Parse(reader.ValueSpan, null) : 0;
            else if (reader.ValueTextEquals("id"u8)) _newest = reader.Read() ? Math.Max(_newest, reader.GetInt64()) : 0;
            else if (reader.ValueTextEquals("text"u8)) Arrived(ref reader);
            else if (reader.ValueTextEquals("error"u8)) failed = true;
        }

        if (failed || type == Close) Events.Broken(this, Encoding.UTF8.GetString(record));
        else if (type == Completion) Events.Acknowledged(this, number);
        else if (type == Ping) WriteText("{\"type\":6}\u001e"u8);
        else if (type == Invocation && target.SequenceEqual("history"u8)) Events.Ready(this);
    }

    private void Arrived(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (Letter.TryRead(reader.ValueSpan, out var letter)) Events.Arrived(this, letter);
        else Events.Broken(this, "a message that nobody sent");
    }
}
