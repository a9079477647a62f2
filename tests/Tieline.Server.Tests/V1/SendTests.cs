using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V1;

/// <summary>What an app sends over the socket of one chat, and what everybody gets to see of it.</summary>
public sealed class SendTests(SharedServer shared) : IClassFixture<SharedServer>
{
    public static TheoryData<string, string> Cards => new()
    {
        { """{"message":"hi"}""", "\"message\":\"hi\",\"created_at\":\"(moment)\"" },
        { """{"message":"look","post_id":"p_9"}""", "\"message\":\"look\",\"created_at\":\"(moment)\",\"post_id\":\"p_9\"" },
        { """{"message":"","post_id":"p_9"}""", "\"message\":\"Hey, Look out this Dish 🍽\",\"created_at\":\"(moment)\",\"post_id\":\"p_9\"" },
        { """{"post_id":42}""", "\"message\":\"Hey, Look out this Dish 🍽\",\"created_at\":\"(moment)\",\"post_id\":42" },
        { """{"story_id":"s_3","story_data":{"image": "x"}}""", "\"message\":\"📷 Replied to story\",\"created_at\":\"(moment)\",\"story_id\":\"s_3\",\"story_data\":{\"image\":\"x\"}" },
        { """{"message":"  ","story_id":"s_3"}""", "\"message\":\"📷 Replied to story\",\"created_at\":\"(moment)\",\"story_id\":\"s_3\"" },
        { """{"message":"wow","story_data":[1,2]}""", "\"message\":\"wow\",\"created_at\":\"(moment)\",\"story_data\":[1,2]" },
        { """{"message":"hi","post_id":null,"story_id":null,"story_data":null}""", "\"message\":\"hi\",\"created_at\":\"(moment)\"" },
    };

    [Theory]
    [MemberData(nameof(Cards))]
    public async Task Both_people_and_all_their_devices_get_the_same_frame_without_null_fields(string frame, string fields)
    {
        var (ada, bob) = await shared.AddPairAsync();
        await using var phone = await OpenAsync(ada, bob);
        await using var laptop = await OpenAsync(ada, bob);
        await using var bobs = await OpenAsync(bob, ada);

        await phone.SendTextAsync(frame);

        var expected = $$"""{"type":"message","id":"c.1","from_user":"{{ada.Id}}","to_user":"{{bob.Id}}",{{fields}},"client_id":"(random)"}""";
        foreach (var device in (TestSocket[])[phone, laptop, bobs]) Answer.ShapeOf((await device.ReadAsync()).GetRawText()).ShouldBe(expected);
    }

    [Fact]
    public async Task Default_texts_are_configuration()
    {
        await using var server = await RunningServer.StartAsync(options => options with { PostText = "Seht her", StoryText = "Toll" });
        var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        await using var socket = await OpenAsync(ada, bob);

        await socket.SendAsync(new { post_id = "p" });
        await socket.SendAsync(new { story_id = "s" });

        Messages.TextOf(await socket.ReadAsync()).ShouldBe("Seht her");
        Messages.TextOf(await socket.ReadAsync()).ShouldBe("Toll");
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("{\"message\":")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"message\":\"\"}")]
    [InlineData("{\"message\":\" \\n\\t \"}")]
    [InlineData("{\"message\":null}")]
    [InlineData("{\"message\":7}")]
    [InlineData("{\"message\":{\"text\":\"hi\"}}")]
    [InlineData("{\"type\":\"ping\"}")]
    public async Task What_is_no_text_and_no_card_is_ignored_and_logged(string frame)
    {
        var (ada, bob) = await shared.AddPairAsync();
        await using var socket = await OpenAsync(ada, bob);

        await socket.SendTextAsync(frame);
        await socket.SendAsync(new { message = "after" });

        var next = await socket.ReadAsync();
        (Messages.TextOf(next), Messages.SeqOf(next)).ShouldBe(("after", 1));
        shared.Server.Log.All.ShouldContain(line => line.Id == 207 && line.Text.Contains(ada.Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_binary_frame_is_ignored()
    {
        var (ada, bob) = await shared.AddPairAsync();
        await using var socket = await OpenAsync(ada, bob);

        await socket.Raw.SendAsync(Encoding.UTF8.GetBytes("{\"message\":\"hi\"}"), WebSocketMessageType.Binary, true, CancellationToken.None);
        await socket.SendAsync(new { message = "after" });

        Messages.SeqOf(await socket.ReadAsync()).ShouldBe(1);
        Messages.TextOf(socket.Seen[^1]).ShouldBe("after");
    }

    [Theory]
    [InlineData("{\"message\":\"hi\",\"type\":1,\"to\":{},\"token\":7,\"limit\":\"many\",\"card\":\"none\",\"pos\":-1,\"attachments\":0}")]
    [InlineData("{\"message\":\"hi\",\"client_id\":7}")]
    [InlineData("{\"message\":\"hi\",\"client_id\":\"not an id\"}")]
    [InlineData("{\"message\":\"hi\",\"client_id\":null,\"extra\":[[[]]]}")]
    public async Task Fields_that_the_first_protocol_does_not_have_are_nobodys_business(string frame)
    {
        var (ada, bob) = await shared.AddPairAsync();
        await using var socket = await OpenAsync(ada, bob);

        await socket.SendTextAsync(frame);

        Answer.ShapeOf((await socket.ReadAsync()).GetRawText()).ShouldContain("\"message\":\"hi\",\"created_at\":\"(moment)\",\"client_id\":\"(random)\"");
    }

    [Fact]
    public async Task A_client_id_is_echoed_and_makes_a_resend_harmless()
    {
        var (ada, bob) = await shared.AddPairAsync();
        await using var socket = await OpenAsync(ada, bob);

        await socket.SendAsync(new { message = "once", client_id = "app:1" });
        await socket.SendAsync(new { message = "once", client_id = "app:1" });
        await socket.SendAsync(new { message = "then" });

        var first = await socket.ReadAsync();
        (Messages.TextOf(first), first.GetProperty("client_id").GetString()).ShouldBe(("once", "app:1"));
        Messages.TextOf(await socket.ReadAsync()).ShouldBe("then");
        await using var again = await ada.OpenV1Async(bob);
        Messages.In(await again.ReadAsync()).Select(Messages.TextOf).ShouldBe(["once", "then"]);
    }

    [Fact]
    public async Task Sends_of_one_socket_keep_their_order()
    {
        var (ada, bob) = await shared.AddPairAsync();
        await using var adas = await OpenAsync(ada, bob);
        await using var bobs = await OpenAsync(bob, ada);

        for (var i = 1; i <= 300; i++) await adas.SendAsync(new { message = $"{i}" });

        foreach (var socket in (TestSocket[])[adas, bobs])
        {
            for (var i = 1; i <= 300; i++)
            {
                var message = await socket.ReadAsync();
                (Messages.TextOf(message), Messages.SeqOf(message)).ShouldBe(($"{i}", i));
            }
        }
    }

    [Fact]
    public async Task Over_the_rate_the_socket_is_read_more_slowly_and_nothing_is_refused()
    {
        await using var server = await RunningServer.StartAsync(options => options with { SendsPerSecond = 50, SendsBurst = 5 });
        var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        await using var socket = await OpenAsync(ada, bob);
        var watch = Stopwatch.StartNew();

        for (var i = 1; i <= 25; i++) await socket.SendAsync(new { message = $"{i}" });

        for (var i = 1; i <= 25; i++) Messages.TextOf(await socket.ReadAsync()).ShouldBe($"{i}");
        // Five at once, then one each 20 ms.
        watch.Elapsed.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(390));
    }

    [Fact]
    public async Task An_idle_line_is_pinged_below_what_an_app_sees()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await RunningServer.StartAsync(time: time);
        var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        using var raw = await RawSocket.OpenAsync(server.Address, $"/api/chat/ws/{bob.Id}?token={ada.Token}");
        (await raw.ReadFrameAsync()).Opcode.ShouldBe(1);

        for (var i = 0; i < 21; i++) time.Advance(TimeSpan.FromSeconds(1));

        (await raw.ReadFrameAsync()).ShouldBe((9, ""));
    }

    private static async Task<TestSocket> OpenAsync(Person person, Person peer)
    {
        var socket = await person.OpenV1Async(peer);
        await socket.ReadUntilAsync("history");
        return socket;
    }
}
