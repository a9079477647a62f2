using System.Net.WebSockets;
using System.Text;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.BadInput;

/// <summary>What clients should not send over the v2 socket, what each gets, and that the server goes on.</summary>
public sealed class FrameTests : StillServing
{
    public static TheoryData<string, string, string> ErrorFrames => new()
    {
        { "an array", "[1,2]", "invalid" },
        { "a string", "\"hello\"", "invalid" },
        { "null", "null", "invalid" },
        { "no type", """{"message":"x"}""", "invalid" },
        { "type of the wrong type", """{"type":5}""", "invalid" },
        { "an unknown type", """{"type":"teleport","client_id":"c9"}""", "unknown_type" },
        { "text as a number", """{"type":"send","client_id":"c1","to":"bob","message":5}""", "invalid" },
        { "text as an object", """{"type":"send","client_id":"c1","to":"bob","message":{"a":1}}""", "invalid" },
        { "a lone surrogate", """{"type":"send","client_id":"c1","to":"bob","message":"\ud800"}""", "invalid" },
        { "a lone surrogate in a card", """{"type":"send","client_id":"c1","to":"bob","card":{"a":"\ud800"}}""", "invalid" },
        { "NUL", """{"type":"send","client_id":"c1","to":"bob","message":"a\u0000b"}""", "invalid" },
        { "a card that is no object", """{"type":"send","client_id":"c1","to":"bob","card":"x"}""", "invalid" },
        { "attachments that are no array", """{"type":"send","client_id":"c1","to":"bob","attachments":{}}""", "invalid" },
        { "an empty client_id", """{"type":"send","client_id":"","to":"bob","message":"x"}""", "invalid" },
        { "a client_id with a space", """{"type":"send","client_id":"a b","to":"bob","message":"x"}""", "invalid" },
        { "a huge client_id", $$"""{"type":"send","client_id":"{{new string('c', 5_000)}}","to":"bob","message":"x"}""", "invalid" },
        { "a huge target", $$"""{"type":"send","client_id":"c1","to":"{{new string('b', 20_000)}}","message":"x"}""", "not_found" },
        { "a target with a path trick", """{"type":"send","client_id":"c1","to":"../bob","message":"x"}""", "not_found" },
        { "a target of another case", """{"type":"send","client_id":"c1","to":"BOB","message":"x"}""", "not_found" },
        { "myself", """{"type":"send","client_id":"c1","to":"ada","message":"x"}""", "self" },
        { "a negative position", """{"type":"recv","pos":-1}""", "invalid" },
        { "a position with a fraction", """{"type":"recv","pos":1.5}""", "invalid" },
        { "a position beyond 64 bits", """{"type":"recv","pos":99999999999999999999999}""", "invalid" },
        { "no position", """{"type":"recv"}""", "invalid" },
        { "a foreign conversation", """{"type":"history","conversation":"x"}""", "not_found" },
        { "SQL in a name", """{"type":"history","conversation":"x' OR 1=1 --"}""", "not_found" },
        { "auth with rubbish", """{"type":"auth","token":"x.y.z"}""", "unauthorized" },
        { "the limit and a byte", "{\"type\":\"ping\",\"x\":\"" + new string('x', 65_536) + "\"}", "too_large" },
        { "nearly a megabyte", "{\"x\":\"" + new string('x', 1_000_000) + "\"}", "too_large" },
    };

    [Theory]
    [MemberData(nameof(ErrorFrames))]
    public async Task One_bad_frame_is_one_error_and_the_socket_stays(string what, string frame, string code)
    {
        await using var socket = await Ada.OpenAsync();
        await socket.SendTextAsync(frame);

        var error = await socket.ReadUntilAsync("error");
        error.GetProperty("code").GetString().ShouldBe(code, what);
        error.GetProperty("message").GetString()!.Length.ShouldBeInRange(5, 300, what);
        await socket.SendAsync(new { type = "ping" });
        await socket.ReadUntilAsync("pong");
    }

    public static TheoryData<string, byte[], WebSocketMessageType, int> Closes => new()
    {
        { "malformed JSON", "{\"type\":"u8.ToArray(), WebSocketMessageType.Text, 4400 },
        { "nothing", ""u8.ToArray(), WebSocketMessageType.Text, 4400 },
        { "something behind the object", "{} {}"u8.ToArray(), WebSocketMessageType.Text, 4400 },
        { "nesting without end", Encoding.UTF8.GetBytes("{\"x\":" + new string('[', 30_000)), WebSocketMessageType.Text, 4400 },
        { "deep nesting in a card", Encoding.UTF8.GetBytes("{\"type\":\"send\",\"card\":" + string.Concat(Enumerable.Repeat("{\"a\":", 500))), WebSocketMessageType.Text, 4400 },
        { "a binary frame", [1, 2, 3], WebSocketMessageType.Binary, 4400 },
        { "over a megabyte", new byte[1_100_000], WebSocketMessageType.Binary, 1009 },
    };

    [Theory]
    [MemberData(nameof(Closes))]
    public async Task What_is_no_frame_at_all_closes_the_line_with_a_code(string what, byte[] payload, WebSocketMessageType type, int code)
    {
        await using var socket = await Ada.OpenAsync();
        var sending = socket.Raw.SendAsync(payload, type, true, CancellationToken.None);

        var (closed, reason) = await socket.ReadCloseAsync();

        closed.ShouldBe(code, what);
        Encoding.UTF8.GetByteCount(reason).ShouldBeInRange(1, 123, what);
        await Task.WhenAny(sending, Task.Delay(TimeSpan.FromSeconds(5)));
    }

    [Theory]
    [InlineData("/api/chat/ws/me?v=2", 4400)]
    [InlineData("/api/chat/ws/bob", 1007)]
    public async Task Invalid_utf8_ends_the_line_with_the_code_of_its_protocol(string path, int code)
    {
        await using var raw = await RawSocket.ConnectAsync(Server.Address, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}token={Ada.Token}");
        await raw.SendFrameAsync(0x81, [0xC3, 0x28]);

        (await raw.ReadCloseAsync()).ShouldBe(code);
        (await raw.IsClosedWithinAsync(TimeSpan.FromSeconds(5))).ShouldBeTrue();
        Server.Log.All.ShouldContain(line => line.Id == 205);
    }

    [Fact]
    public async Task What_is_not_websocket_is_closed_with_1002_and_why()
    {
        await using var raw = await RawSocket.ConnectAsync(Server.Address, "/api/chat/ws/me?v=2&token=" + Ada.Token);
        await raw.WriteAsync([0x81, 0x02, (byte)'{', (byte)'}']);

        (await raw.ReadCloseAsync()).ShouldBe(1002);
        (await raw.IsClosedWithinAsync(TimeSpan.FromSeconds(5))).ShouldBeTrue();
        Server.Log.All.ShouldContain(line => line.Id == 205 && line.Text.Contains("without a mask"));
    }

    [Fact]
    public async Task A_ping_is_answered_with_what_it_carries_between_the_pieces_of_a_message_too()
    {
        await using var raw = await RawSocket.ConnectAsync(Server.Address, "/api/chat/ws/me?v=2&token=" + Ada.Token);
        await raw.SendFrameAsync(0x01, "{\"type\":"u8.ToArray());
        await raw.SendFrameAsync(0x89, "are you there"u8.ToArray());
        (await raw.ReadFrameAsync(0x8A)).ShouldBe("are you there");

        await raw.SendFrameAsync(0x80, "\"ping\"}"u8.ToArray());
        while (!(await raw.ReadFrameAsync(0x81)).Contains("\"pong\"", StringComparison.Ordinal)) continue;
    }

    [Fact]
    public async Task Text_of_exactly_the_limit_goes_through()
    {
        await using var socket = await Ada.OpenAsync();
        var frame = "{\"type\":\"send\",\"client_id\":\"c1\",\"to\":\"bob\",\"message\":\"\"}";
        var text = new string('x', 65_536 - frame.Length);
        await socket.SendTextAsync(frame.Insert(frame.Length - 2, text));

        await socket.ReadUntilAsync("ack");
        await using var bobs = await Bob.OpenAsync($"{Server.Store.Epoch}.0");
        bobs.Seen.Single(frame => frame.GetProperty("type").GetString() == "message").GetProperty("message").GetString()!.Length.ShouldBe(text.Length);
    }

    [Fact]
    public async Task Ten_thousand_frames_at_once_are_all_answered()
    {
        await using var server = await RunningServer.StartAsync(options => options with { SendsPerSecond = 0 });
        var (eve, fay) = (await server.AddPersonAsync("eve"), await server.AddPersonAsync("fay"));
        await using var socket = await eve.OpenAsync();
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 10_000; i++) await socket.SendTextAsync($$"""{"type":"send","client_id":"c{{i}}","to":"fay","message":"{{i}}"}""");
        });

        for (var i = 0; i < 10_000; i++) (await socket.ReadUntilAsync("ack")).GetProperty("seq").GetInt64().ShouldBe(i + 1);
        await sending;
    }
}
