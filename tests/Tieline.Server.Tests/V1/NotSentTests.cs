using System.Text;
using Tieline.Server.Sockets;
using Tieline.Server.Sqlite;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V1;

/// <summary>A send that cannot be stored is never silent: the socket closes and says why.</summary>
public sealed class NotSentTests(SharedServer shared) : IClassFixture<SharedServer>
{
    public static TheoryData<string, string> Unstorable => new()
    {
        { """{"message":"a\u0000b"}""", "Not sent: message must not contain U+0000." },
        { """{"message":"\ud83d"}""", "Not sent: message contains half of a surrogate pair, which is not a character." },
        { """{"message":"hi","story_data":{"a":"\u0000"}}""", "Not sent: A card must not contain U+0000." },
        { """{"message":"hi","post_id":"\udc00"}""", "Not sent: A card contains half of a surrogate pair, which is not a character." },
    };

    [Theory]
    [InlineData(true, "Not sent: You have blocked this person")]
    [InlineData(false, "Not sent: This person does not accept messages from you")]
    public async Task A_blocked_send_closes_with_the_reason(bool byMyself, string reason)
    {
        var (ada, bob) = await shared.AddPairAsync();
        await using var socket = await ada.OpenV1Async(bob);
        await socket.ReadAsync();
        await Answer.ToAsync(byMyself ? ada : bob, "POST", $"/api/chat/block/{(byMyself ? bob : ada).Id}");

        await socket.SendAsync(new { message = "hello?" });

        (await socket.ReadCloseAsync()).ShouldBe((1008, reason));
        (await Answer.ToAsync(bob, "GET", $"/api/chat/conversation/{ada.Id}")).Text.ShouldBe("[]");
    }

    [Theory]
    [MemberData(nameof(Unstorable))]
    public async Task A_text_that_nobody_could_store_closes_with_the_reason(string frame, string reason)
    {
        var (ada, bob) = await shared.AddPairAsync();
        await using var socket = await ada.OpenV1Async(bob);

        await socket.SendTextAsync(frame);

        (await socket.ReadCloseAsync()).ShouldBe((1008, reason));
    }

    [Theory]
    [InlineData(70_000, 1008, "Not sent: the frame is larger than 65536 bytes")]
    [InlineData(1_500_000, 1009, "Not sent: the frame is larger than 1 MiB")]
    public async Task A_frame_that_is_too_long_closes_with_the_reason(int length, int code, string reason)
    {
        var (ada, bob) = await shared.AddPairAsync();
        await using var socket = await ada.OpenV1Async(bob);

        await socket.SendAsync(new { message = new string('x', length) });

        (await socket.ReadCloseAsync()).ShouldBe((code, reason));
    }

    [Fact]
    public async Task What_was_sent_before_the_refused_one_is_stored_and_shown_and_what_came_behind_it_is_not()
    {
        var (ada, bob) = await shared.AddPairAsync();
        await using var socket = await ada.OpenV1Async(bob);
        await socket.ReadAsync();

        await socket.SendAsync(new { message = "fine" });
        await socket.SendAsync(new { message = "first", client_id = "same" });
        await socket.SendAsync(new { message = "second", client_id = "same" });

        (await socket.ReadCloseAsync()).ShouldBe((1008, "Not sent: This client_id was used before for another message."));
        socket.Seen.Skip(1).Select(Messages.TextOf).ShouldBe(["fine", "first"]);
    }

    [Fact]
    public async Task When_the_database_cannot_be_written_it_closes_with_1011_and_recovers_by_itself()
    {
        await using var server = await RunningServer.StartAsync();
        var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        await using var socket = await ada.OpenV1Async(bob);
        await socket.ReadAsync();
        using (var other = SqliteConnection.Open(Path.Combine(server.Folder, SqliteStore.FileName), create: false, TimeSpan.FromSeconds(2)))
        {
            other.Execute("BEGIN IMMEDIATE");
            await socket.SendAsync(new { message = "lost?" });

            var (code, reason) = await socket.ReadCloseAsync();

            code.ShouldBe(1011);
            reason.ShouldStartWith("Not sent, try again: The server cannot write right now");
            other.Execute("ROLLBACK");
        }

        await using var again = await ada.OpenV1Async(bob);
        Messages.In(await again.ReadAsync()).ShouldBeEmpty();
        await again.SendAsync(new { message = "now" });
        Messages.SeqOf(await again.ReadAsync()).ShouldBe(1);
    }

    [Theory]
    [InlineData("short", "short")]
    [InlineData("🍽", "🍽")]
    public void A_short_reason_stays_as_it_is(string reason, string cut) => ServerFrames.Cut(reason).ShouldBe(cut);

    [Theory]
    [InlineData("x", 123)]
    [InlineData("é", 122)]
    [InlineData("漢", 123)]
    [InlineData("🍽", 120)]
    public void A_reason_is_cut_to_123_bytes_and_never_through_a_character(string sign, int bytes)
    {
        var cut = ServerFrames.Cut(string.Concat(Enumerable.Repeat(sign, 200)));

        Encoding.UTF8.GetByteCount(cut).ShouldBe(bytes);
        cut.Replace(sign, "", StringComparison.Ordinal).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_long_reason_arrives_cut()
    {
        await using var server = await RunningServer.StartAsync(options => options with { Origins = "https://app.example" });
        var ada = await server.AddPersonAsync("ada");

        await using var socket = await TestSocket.ConnectAsync(server.Address, "/api/chat/ws/bob", ada.Token,
            options => options.SetRequestHeader("Origin", "https://" + string.Concat(Enumerable.Repeat("very-", 40)) + "long.example"));

        var (code, reason) = await socket.ReadCloseAsync();
        code.ShouldBe(1008);
        reason.ShouldStartWith("Origin https://very-very-");
        Encoding.UTF8.GetByteCount(reason).ShouldBe(123);
    }
}
