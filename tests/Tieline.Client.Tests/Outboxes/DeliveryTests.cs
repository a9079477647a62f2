using Tieline.Client.Tests.Peers;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Tests.Outboxes;

/// <summary>F21 to F23, F25, F26, F38: a message is stored once, in order, and its state is right, whatever is lost on the way.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public async Task A_lost_acknowledgement_costs_a_second_and_a_half()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        test.Server.LoseAcks = true;
        var sent = client.With("u_bob").SendAsync("hello");
        await test.Until(() => test.Texts().Count == 1, "stored");
        var moved = await test.MoveUntil(() => sent.IsCompleted, "acknowledged by POST", step: 0.1, pause: 0.03);
        moved.TotalSeconds.ShouldBeInRange(1.4, 3);
        test.Texts().ShouldBe(["hello"]);
    }

    [Fact]
    public async Task An_echo_is_an_acknowledgement()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        test.Server.EchoOnly = true;
        (await client.With("u_bob").SendAsync("hello")).Seq.ShouldBe(1);
        test.Server.Count("messages").ShouldBe(0);
    }

    [Fact]
    public async Task Whichever_of_echo_and_acknowledgement_comes_first_the_message_is_shown_once()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        foreach (var text in new[] { "one", "two", "three" }) await client.With("u_bob").SendAsync(text);
        (await ChatReading.First(client, 3)).ShouldBe(["one", "two", "three"]);
    }

    [Fact]
    public async Task A_POST_whose_answer_is_lost_is_stored_once()
    {
        await using var test = new ClientFixture();
        test.Server["ws"] = Behaviour.Status(404);
        test.Server.Script["messages"] = n => n <= 2 ? Behaviour.CutAfter : Behaviour.Works;
        test.Server["stream"] = Behaviour.Status(404);
        test.Server["sync"] = Behaviour.Hang;
        var client = test.Open();
        var sent = client.With("u_bob").SendAsync("hello");
        var moved = await test.MoveUntil(() => sent.IsCompleted, "sent");
        moved.TotalSeconds.ShouldBeLessThan(20);
        (await sent).Seq.ShouldBe(1);
        test.Texts().ShouldBe(["hello"]);
        test.Server.Count("messages").ShouldBe(3);
    }

    [Fact]
    public async Task A_line_that_swallows_sends_is_gone_round_without_changing_their_order()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        test.Server.SwallowSends = true;
        var sent = Enumerable.Range(1, 8).Select(i => client.With("u_bob").SendAsync($"m{i}")).ToList();
        await test.MoveUntil(() => sent.All(task => task.IsCompleted), "all sent");
        test.Texts().ShouldBe(Enumerable.Range(1, 8).Select(i => $"m{i}"));
    }

    [Fact]
    public async Task While_an_earlier_message_is_in_doubt_nothing_later_goes_by_the_line()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        test.Server.SwallowSends = true;
        test.Server.Script["messages"] = n => n == 1 ? Behaviour.Hang : Behaviour.Works;
        var one = client.With("u_bob").SendAsync("one");
        await test.MoveUntil(() => test.Server.Count("messages") == 1, "the POST that hangs");
        test.Server.SwallowSends = false;
        var two = client.With("u_bob").SendAsync("two");
        await test.MoveUntil(() => one.IsCompleted && two.IsCompleted, "both sent", pings: true);
        test.Texts().ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task A_server_that_is_slow_for_30_seconds_stores_once()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        test.Server.SwallowSends = true;
        test.Server["messages"] = Behaviour.Hang;
        var sent = client.With("u_bob").SendAsync("hello");
        await test.Move(30, step: 1, pings: true);
        sent.IsCompleted.ShouldBeFalse();
        test.Server.Count("messages").ShouldBeInRange(2, 6);
        test.Server["messages"] = Behaviour.Works;
        await test.MoveUntil(() => sent.IsCompleted, "sent", pings: true);
        test.Texts().ShouldBe(["hello"]);
    }

    [Fact]
    public async Task A_refusal_for_now_holds_the_later_ones_and_keeps_the_order()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        var refusals = 0;
        test.Chat.Refuse = send => send.Text == "m3" && Interlocked.Increment(ref refusals) <= 3 ? ErrorFrame.Of(WireError.StorageFull, "full", null, 700) : null;
        var sent = Enumerable.Range(1, 8).Select(i => client.With("u_bob").SendAsync($"m{i}")).ToList();
        await test.MoveUntil(() => sent.All(task => task.IsCompleted), "all sent");
        test.Texts().ShouldBe(Enumerable.Range(1, 8).Select(i => $"m{i}"));
        refusals.ShouldBe(4);
        test.Server.Count("messages").ShouldBe(0);
    }

    public static TheoryData<string> Final => [.. WireError.All.Where(e => !e.Retryable && e.Status is 400 or 403 or 404 or 409 or 413).Select(e => e.Code)];

    [Theory, MemberData(nameof(Final))]
    public async Task A_refusal_for_good_fails_that_message_and_the_queue_goes_on(string code)
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        test.Chat.Refuse = send => send.Text == "bad" ? ErrorFrame.Of(WireError.Find(code)!, "no") : null;
        var bad = client.With("u_bob").SendAsync("bad");
        var good = client.With("u_bob").SendAsync("good");
        (await Should.ThrowAsync<MessageRefusedException>(bad)).Refused.Error!.Code.ShouldBe(code);
        await good;
        test.Texts().ShouldBe(["good"]);
    }

    [Theory]
    [InlineData(400, "invalid", true)]
    [InlineData(403, "blocked", true)]
    [InlineData(404, "not_found", true)]
    [InlineData(409, "conflict", true)]
    [InlineData(413, "too_large", true)]
    [InlineData(425, "held", false)]
    [InlineData(429, "rate_limited", false)]
    [InlineData(500, "internal", false)]
    [InlineData(503, "unavailable", false)]
    [InlineData(507, "storage_full", false)]
    [InlineData(403, null, false)]
    [InlineData(404, null, false)]
    [InlineData(502, null, false)]
    public async Task Over_HTTP_too_only_the_server_itself_can_refuse_for_good(int status, string? code, bool final)
    {
        await using var test = new ClientFixture();
        test.Server["ws"] = Behaviour.Status(404);
        test.Server.Script["messages"] = n => n > 1 ? Behaviour.Works : code is null ? Behaviour.Status(status) : Behaviour.Error(status, code, !final);
        var client = test.Open();
        var sent = client.With("u_bob").SendAsync("hello");
        await test.MoveUntil(() => sent.IsCompleted, "an end", pings: true);
        (sent.Exception?.InnerException is MessageRefusedException).ShouldBe(final);
        test.Texts().Count.ShouldBe(final ? 0 : 1);
    }

    [Fact]
    public async Task A_failed_message_can_be_sent_again_or_discarded_and_its_client_id_stays()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        test.Chat.Refuse = _ => ErrorFrame.Of(WireError.Blocked, "blocked");
        var failed = (await Should.ThrowAsync<MessageRefusedException>(client.With("u_bob").SendAsync("hello"))).Refused;
        var other = (await Should.ThrowAsync<MessageRefusedException>(client.With("u_bob").SendAsync("never"))).Refused;
        test.Chat.Refuse = _ => null;
        var retries = Enumerable.Range(0, 5).Select(_ => Try(() => client.With("u_bob").RetryAsync(failed))).ToList();
        (await Task.WhenAll(retries)).OfType<Message>().ShouldAllBe(message => message.ClientId == failed.ClientId && message.State == MessageState.Sent);
        await client.With("u_bob").DiscardAsync(other);
        test.Texts().ShouldBe(["hello"]);
    }

    [Fact]
    public async Task A_message_above_the_limit_of_the_server_fails_here_and_the_queue_goes_on()
    {
        await using var test = new ClientFixture();
        test.Server.Limit = 2000;
        var client = await test.OnlineAsync();
        var large = client.With("u_bob").SendAsync(new string('x', 3000));
        await client.With("u_bob").SendAsync("small");
        (await Should.ThrowAsync<MessageRefusedException>(large)).Refused.Error!.Code.ShouldBe("too_large");
        test.Texts().ShouldBe(["small"]);
    }

    [Fact]
    public async Task What_is_sent_when_the_line_comes_up_stands_behind_what_waited()
    {
        await using var test = new ClientFixture();
        await test.Server.StopAsync();
        var client = test.Open();
        var waiting = Enumerable.Range(1, 5).Select(i => client.With("u_bob").SendAsync($"m{i}")).ToList();
        var last = new TaskCompletionSource<Task>();
        client.StateChanged += (_, status) =>
        {
            if (status.State == ConnectionState.Online) last.TrySetResult(client.With("u_bob").SendAsync("last"));
        };
        await test.Until(() => client.Status.State == ConnectionState.Offline, "offline");
        test.Server.Start();
        client.Wake();
        await Task.WhenAll(waiting);
        await await last.Task;
        test.Texts().ShouldBe(["m1", "m2", "m3", "m4", "m5", "last"]);
    }

    [Fact]
    public async Task Calls_from_one_thread_are_stored_in_their_order()
    {
        await using var test = new ClientFixture();
        var client = test.Open();
        await Task.WhenAll(Enumerable.Range(0, 600).Select(i => client.With("u_bob").SendAsync($"{i}")));
        test.Texts().ShouldBe(Enumerable.Range(0, 600).Select(i => $"{i}"));
    }

    [Fact]
    public async Task Giving_up_the_wait_does_not_take_the_message_back()
    {
        await using var test = new ClientFixture();
        await test.Server.StopAsync();
        var client = test.Open();
        using var cancel = new CancellationTokenSource();
        var sent = client.With("u_bob").SendAsync("hello", cancel.Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(sent);
        test.Server.Start();
        await test.MoveUntil(() => test.Texts().Count == 1, "stored");
    }

    [Fact]
    public async Task A_peer_cannot_acknowledge_in_the_servers_place()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        test.Server.SwallowSends = true;
        test.Server["messages"] = Behaviour.Hang;
        var id = new TaskCompletionSource<string>();
        var reading = Task.Run(async () =>
        {
            await foreach (var message in client.With("u_bob").Updates())
            {
                if (message.State == MessageState.Sending) id.TrySetResult(message.ClientId);
            }
        });
        var sent = client.With("u_bob").SendAsync("hello");
        test.Chat.Send("u_bob", new SendFrame(await id.Task, "u_ada", null, "forged"));
        test.Chat.Write("u_bob", "u_ada", "later");
        (await ChatReading.First(client, 2)).ShouldBe(["forged", "later"]);
        sent.IsCompleted.ShouldBeFalse();
    }

    private static async Task<Message?> Try(Func<Task<Message>> send)
    {
        try
        {
            return await send();
        }
        catch (InvalidOperationException)
        {
            return null; // it was no longer a failed one
        }
    }
}
