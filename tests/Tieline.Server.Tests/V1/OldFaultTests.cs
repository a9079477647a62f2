using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V1;

/// <summary>What the old server did wrong, each fault once, so that it never comes back. Two have a file of their own: NotSentTests and SecrecyTests.</summary>
public sealed class OldFaultTests(SharedServer shared) : IClassFixture<SharedServer>
{
    [Fact]
    public async Task A_socket_of_one_chat_shows_nothing_of_another()
    {
        var (ada, bob) = await shared.AddPairAsync();
        var carol = await shared.AddAsync("carol");
        await using var withBob = await OpenAsync(ada, bob);
        await using var withCarol = await OpenAsync(ada, carol);

        await carol.SendAsync(ada, "from carol");
        await withCarol.SendAsync(new { message = "to carol" });
        await bob.SendAsync(ada, "from bob");
        await withBob.SendAsync(new { message = "to bob" });

        (await TakeAsync(withBob, 2)).ShouldBe(["from bob", "to bob"]);
        (await TakeAsync(withCarol, 2)).ShouldBe(["from carol", "to carol"]);
    }

    [Fact]
    public async Task A_message_saved_while_history_is_read_is_neither_lost_nor_doubled()
    {
        const int Sends = 1_500;
        var (ada, bob) = await shared.AddPairAsync();
        await Messages.StoreAsync(bob, ada, 60);

        var sending = SendAsync();
        // Every opening falls somewhere among the sends; three at once, until the sending is over.
        var openings = await Task.WhenAll(OpenManyAsync(), OpenManyAsync(), OpenManyAsync());
        await sending;

        openings.Sum().ShouldBeGreaterThan(10);

        async Task SendAsync()
        {
            for (var i = 0; i < Sends; i += 5) await Messages.StoreAsync(bob, ada, 5);
        }

        async Task<int> OpenManyAsync()
        {
            var opened = 0;
            while (!sending.IsCompleted || opened == 0)
            {
                await using var socket = await ada.OpenV1Async(bob);
                var seqs = Messages.In(await socket.ReadAsync()).Select(Messages.SeqOf).ToList();
                seqs.Count.ShouldBe(50);
                var wanted = Math.Min(60 + Sends, seqs[^1] + 40);
                while (seqs[^1] < wanted) seqs.Add(Messages.SeqOf(await socket.ReadAsync()));
                seqs.ShouldBe(Enumerable.Range(seqs[0], seqs.Count));
                opened++;
            }

            return opened;
        }
    }

    [Fact]
    public async Task A_block_is_enforced_both_ways_and_ends_with_the_unblock()
    {
        var (ada, bob) = await shared.AddPairAsync();
        await Answer.ToAsync(ada, "POST", $"/api/chat/block/{bob.Id}");

        (await SendAndReadCloseAsync(bob, ada)).ShouldBe((1008, "Not sent: This person does not accept messages from you"));
        (await SendAndReadCloseAsync(ada, bob)).ShouldBe((1008, "Not sent: You have blocked this person"));
        (await Answer.ToAsync(bob, "POST", "/api/chat/share-post", $$"""{"post_id":1,"user_ids":["{{ada.Id}}"]}""")).Text.ShouldBe("""{"message":"Post shared to 0 user(s)","shared_count":0}""");
        await Answer.ToAsync(ada, "DELETE", $"/api/chat/unblock/{bob.Id}");

        await using var socket = await OpenAsync(bob, ada);
        await socket.SendAsync(new { message = "again" });
        (await TakeAsync(socket, 1)).ShouldBe(["again"]);

        async Task<(int, string)> SendAndReadCloseAsync(Person from, Person to)
        {
            await using var blocked = await OpenAsync(from, to);
            await blocked.SendAsync(new { message = "hi" });
            return await blocked.ReadCloseAsync();
        }
    }

    [Fact]
    public async Task A_mute_is_told_to_all_devices_of_the_one_who_muted_and_messages_still_come()
    {
        var (ada, bob) = await shared.AddPairAsync();
        await bob.SendAsync(ada, "before");
        await using var laptop = await ada.OpenAsync();

        await Answer.ToAsync(ada, "POST", $"/api/chat/mute/{bob.Id}");

        var relation = await laptop.ReadUntilAsync("relation");
        (relation.GetProperty("user").GetString(), relation.GetProperty("muted").GetBoolean()).ShouldBe((bob.Id, true));
        (await ada.GetAsync("/api/chat/conversations")).Body.GetProperty("conversations")[0].GetProperty("muted").GetBoolean().ShouldBeTrue();
        (await bob.GetAsync("/api/chat/conversations")).Body.GetProperty("conversations")[0].GetProperty("muted").GetBoolean().ShouldBeFalse();
        await using var socket = await OpenAsync(ada, bob);
        await bob.SendAsync(ada, "after");
        (await TakeAsync(socket, 1)).ShouldBe(["after"]);
    }

    [Fact]
    public async Task Clear_hides_from_me_only_and_new_messages_show_again()
    {
        var (ada, bob) = await shared.AddPairAsync();
        await ada.SendAsync(bob, "one");
        await bob.SendAsync(ada, "two");

        await Answer.ToAsync(ada, "DELETE", $"/api/chat/clear/{bob.Id}");

        (await Answer.ToAsync(ada, "GET", $"/api/chat/conversation/{bob.Id}")).Text.ShouldBe("[]");
        (await Answer.ToAsync(ada, "GET", "/api/chat/list")).Text.ShouldBe("[]");
        (await Answer.ToAsync(ada, "GET", "/api/chat/unread-count")).Text.ShouldBe("""{"unreadCount":0}""");
        await using (var socket = await ada.OpenV1Async(bob)) Messages.In(await socket.ReadAsync()).ShouldBeEmpty();
        (await Answer.ToAsync(bob, "GET", $"/api/chat/conversation/{ada.Id}")).Json.EnumerateArray().Select(Messages.TextOf).ShouldBe(["one", "two"]);
        (await Answer.ToAsync(bob, "GET", "/api/chat/list")).Json[0].GetProperty("last_message").GetString().ShouldBe("two");

        await bob.SendAsync(ada, "three");
        (await Answer.ToAsync(ada, "GET", $"/api/chat/conversation/{bob.Id}")).Json.EnumerateArray().Select(Messages.TextOf).ShouldBe(["three"]);
        (await Answer.ToAsync(ada, "GET", "/api/chat/list")).Json[0].GetProperty("last_message").GetString().ShouldBe("three");
    }

    [Fact]
    public async Task The_list_costs_the_same_however_many_messages_there_are()
    {
        var (ada, bob) = await shared.AddPairAsync();
        var (carol, dora) = await shared.AddPairAsync();
        await Messages.StoreAsync(bob, ada, 2);
        await Messages.StoreAsync(dora, carol, 6_000, "{0} " + new string('x', 200));
        // Once each, so that nothing is paid for the first time.
        await TimeListAsync(ada);
        await TimeListAsync(carol);

        var (few, many) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var i = 0; i < 15; i++)
        {
            few = Min(few, await TimeListAsync(ada));
            many = Min(many, await TimeListAsync(carol));
        }

        // Reading 6,000 rows takes some 50 times as long as one.
        many.ShouldBeLessThan(few * 4);

        static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

        async Task<TimeSpan> TimeListAsync(Person person)
        {
            var watch = Stopwatch.StartNew();
            (await shared.Server.Store.ReadConversationsAsync(person.Account.Key, null, 200, default)).Conversations.Count.ShouldBe(1);
            return watch.Elapsed;
        }
    }

    [Fact]
    public async Task A_story_reply_without_text_is_stored_with_the_default_text()
    {
        var (ada, bob) = await shared.AddPairAsync();
        await using var socket = await OpenAsync(ada, bob);

        await socket.SendTextAsync("""{"message":"","story_id":"s_1","story_data":{"image":"i.jpg"}}""");

        (await TakeAsync(socket, 1)).ShouldBe(["📷 Replied to story"]);
        Answer.ShapeOf((await Answer.ToAsync(bob, "GET", $"/api/chat/conversation/{ada.Id}")).Text).ShouldContain("\"post_id\":null,\"story_id\":\"s_1\",\"story_data\":{\"image\":\"i.jpg\"}");
    }

    [Fact]
    public async Task A_shared_post_reaches_the_other_devices_of_the_one_who_shares()
    {
        var (ada, bob) = await shared.AddPairAsync();
        var carol = await shared.AddAsync("carol");
        await using var withBob = await OpenAsync(ada, bob);
        await using var withCarol = await OpenAsync(ada, carol);
        await using var laptop = await ada.OpenAsync();

        await Answer.ToAsync(ada, "POST", "/api/chat/share-post", $$"""{"post_id":"p_1","user_ids":["{{bob.Id}}","{{carol.Id}}"]}""");

        foreach (var (socket, peer) in ((TestSocket, Person)[])[(withBob, bob), (withCarol, carol)])
        {
            var echo = await socket.ReadAsync();
            (echo.GetProperty("to_user").GetString(), echo.GetProperty("post_id").GetString()).ShouldBe((peer.Id, "p_1"));
        }

        (await laptop.ReadUntilAsync("message")).GetProperty("card").GetRawText().ShouldBe("""{"post_id":"p_1"}""");
        (await laptop.ReadUntilAsync("message")).GetProperty("from_user").GetString().ShouldBe(ada.Id);
    }

    [Fact]
    public async Task A_moment_with_no_fraction_keeps_its_six_digits_everywhere()
    {
        var whole = new DateTimeOffset(DateTimeOffset.UtcNow.Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);
        await using var server = await RunningServer.StartAsync(time: new FakeTimeProvider(whole));
        var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
        await using var socket = await OpenAsync(ada, bob);
        var expected = whole.ToString("yyyy-MM-ddTHH:mm:ss", System.Globalization.CultureInfo.InvariantCulture) + ".000000Z";

        await socket.SendAsync(new { message = "on the second" });

        (await socket.ReadAsync()).GetProperty("created_at").GetString().ShouldBe(expected);
        await using var again = await ada.OpenV1Async(bob);
        Messages.In(await again.ReadAsync())[0].GetProperty("created_at").GetString().ShouldBe(expected);
        (await Answer.ToAsync(ada, "GET", "/api/chat/conversation/bob")).Json[0].GetProperty("created_at").GetString().ShouldBe(expected);
        (await Answer.ToAsync(ada, "GET", "/api/chat/list")).Json[0].GetProperty("created_at").GetString().ShouldBe(expected);
        await Answer.ToAsync(ada, "POST", "/api/chat/block/bob");
        (await Answer.ToAsync(ada, "GET", "/api/chat/blocked")).Json[0].GetProperty("blocked_at").GetString().ShouldBe(expected);
    }

    private static async Task<TestSocket> OpenAsync(Person person, Person peer)
    {
        var socket = await person.OpenV1Async(peer);
        await socket.ReadUntilAsync("history");
        return socket;
    }

    private static async Task<string[]> TakeAsync(TestSocket socket, int count)
    {
        var texts = new string[count];
        for (var i = 0; i < count; i++) texts[i] = Messages.TextOf(await socket.ReadAsync());
        return texts;
    }
}
