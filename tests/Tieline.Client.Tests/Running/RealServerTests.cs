using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Tieline.Client.Tests.Peers;

namespace Tieline.Client.Tests.Running;

/// <summary>Against `tieline serve` itself.</summary>
public sealed class RealServerTests(SharedServer shared) : IClassFixture<SharedServer>
{
    [Theory]
    [InlineData(Transport.WebSocket)]
    [InlineData(Transport.Stream)]
    [InlineData(Transport.Poll)]
    public async Task Two_people_chat_over_each_transport_with_all_states(Transport transport)
    {
        var server = shared.Server;
        var (ada, bob) = (await server.AddAsync($"ada{transport}"), await server.AddAsync($"bob{transport}"));
        using var handler = new Without(transport);
        var log = new ConcurrentQueue<string>();
        var options = new ChatClientOptions { Handler = handler, WatchNetwork = false, Log = log.Enqueue };
        await using var adas = new ChatClient(server.Url, ada.Token, options);
        await using var bobs = new ChatClient(server.Url, bob.Token, options);

        var states = new ConcurrentQueue<MessageState>();
        _ = Follow(adas.With(bob.Id), message => states.Enqueue(message.State));
        var read = ChatReading.Follow(bobs, ada.Id);
        var stored = await adas.With(bob.Id).SendAsync("hello");
        stored.Seq.ShouldBe(1);
        await Until(() => read.Contains("hello"));
        // The message may have gone out by POST, before there was a line.
        await Until(() => adas.Status.Transport == transport);
        adas.AccountId.ShouldBe(ada.Id);

        await foreach (var message in bobs.With(ada.Id).Messages())
        {
            message.IsMine.ShouldBeFalse();
            bobs.With(ada.Id).MarkRead(message);
            break;
        }

        await Until(() => states.Contains(MessageState.Read), () => string.Join('\n', states.Select(state => $"{state}").Concat(log)));
        states.ShouldBe(states.Order());
        (await bobs.With(ada.Id).SendAsync("hi")).Seq.ShouldBe(2);
        (await adas.FindPeopleAsync($"bob{transport}@example.org")).ShouldHaveSingleItem().Id.ShouldBe(bob.Id);
    }

    [Fact]
    public async Task A_server_that_is_killed_again_and_again_loses_doubles_and_reorders_nothing()
    {
        const int Count = 400;
        await using var server = await RealServer.StartAsync();
        var (ada, bob) = (await server.AddAsync("ada"), await server.AddAsync("bob"));
        var options = new ChatClientOptions { WatchNetwork = false };
        await using var adas = new ChatClient(server.Url, ada.Token, options);
        await using var bobs = new ChatClient(server.Url, bob.Token, options);
        await using var laptop = new ChatClient(server.Url, ada.Token, options);
        foreach (var client in new[] { adas, bobs, laptop }) client.Connect();
        await Until(() => new[] { adas, bobs, laptop }.All(client => client.Status.State == ConnectionState.Online));
        var seen = new[] { ChatReading.Follow(bobs, ada.Id), ChatReading.Follow(laptop, bob.Id) };

        var sent = new List<Task<Message>>();
        for (var i = 0; i < Count; i++)
        {
            sent.Add(adas.With(bob.Id).SendAsync($"{i}"));
            if (i % 4 == 0) await Task.Delay(10); // spread over the kills
            if (i is not (130 or 270)) continue;
            await server.KillAsync();
            await server.RunAsync();
        }

        var messages = await Task.WhenAll(sent).WaitAsync(TimeSpan.FromSeconds(60));
        messages.Select(message => message.Seq).ShouldBe(Enumerable.Range(1, Count).Select(i => (long)i));
        var expected = Enumerable.Range(0, Count).Select(i => $"{i}").ToList();
        (await server.StoredAsync(ada.Token, bob.Id)).ShouldBe(expected);
        foreach (var list in seen)
        {
            await Until(() => list.Count >= Count);
            list.ShouldBe(expected);
        }
    }

    [Fact]
    public async Task A_block_refuses_for_good_and_an_unblock_lets_the_retry_through()
    {
        var server = shared.Server;
        var (ada, bob) = (await server.AddAsync("blocked"), await server.AddAsync("blocker"));
        await using var adas = new ChatClient(server.Url, ada.Token);
        await adas.With(bob.Id).SendAsync("before");
        using var http = new HttpClient { DefaultRequestHeaders = { { "Authorization", "Bearer " + bob.Token } } };
        (await http.PostAsync(new Uri($"{server.Url}/api/chat/block/{ada.Id}"), null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var refused = (await Should.ThrowAsync<MessageRefusedException>(adas.With(bob.Id).SendAsync("during"))).Refused;
        refused.Error!.Code.ShouldBe("blocked");
        (await http.DeleteAsync(new Uri($"{server.Url}/api/chat/unblock/{ada.Id}"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await adas.With(bob.Id).RetryAsync(refused)).Seq.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_cleared_is_not_read_again_and_what_comes_after_it_is()
    {
        var server = shared.Server;
        var (ada, bob) = (await server.AddAsync("writes"), await server.AddAsync("clears"));
        await using var adas = new ChatClient(server.Url, ada.Token);
        await using var bobs = new ChatClient(server.Url, bob.Token);
        var read = ChatReading.Follow(bobs, ada.Id);
        await adas.With(bob.Id).SendAsync("old");
        await Until(() => read.Contains("old"));

        await bobs.With(ada.Id).ClearAsync();
        await adas.With(bob.Id).SendAsync("new");

        await using var later = new ChatClient(server.Url, bob.Token);
        await foreach (var message in later.With(ada.Id).Messages())
        {
            message.Text.ShouldBe("new");
            break;
        }
    }

    [Fact]
    public async Task A_wrong_token_is_signed_out_with_the_servers_reason()
    {
        var server = shared.Server;
        await using var client = new ChatClient(server.Url, "not.a.token", new ChatClientOptions { WatchNetwork = false });
        client.Connect();
        await Until(() => client.Status.State == ConnectionState.SignedOut);
        client.Status.Diagnosis!.Code.ShouldBe("auth");
        client.Status.Diagnosis.OperatorText.ShouldContain("Invalid token");
    }

    [Fact]
    public async Task A_group_is_read_and_written_and_what_is_done_to_its_messages_is_shown()
    {
        var server = shared.Server;
        var (ada, bob) = (await server.AddAsync("ada-of-the-group"), await server.AddAsync("bob-of-the-group"));
        using var http = new HttpClient { BaseAddress = new Uri(server.Url + "/api/chat/") };
        http.DefaultRequestHeaders.Authorization = new("Bearer", ada.Token);
        async Task<JsonElement> Ask(string path, string fields)
        {
            using var body = new StringContent($$"""{"client_id":"{{Guid.CreateVersion7()}}",{{fields}}}""", Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(path, body);
            var text = await answer.Content.ReadAsStringAsync();
            answer.IsSuccessStatusCode.ShouldBeTrue(text);
            return JsonDocument.Parse(text).RootElement;
        }

        await using var bobs = new ChatClient(server.Url, bob.Token, new ChatClientOptions { WatchNetwork = false });
        bobs.Connect();
        await Until(() => bobs.Status.State == ConnectionState.Online);
        var id = (await Ask("v2/group_create", $$"""
            "name":"Trip","members":["{{bob.Id}}"]
            """)).GetProperty("conversation").GetString()!;
        await Until(() => bobs.Conversations().Any(one => one.Group is { Name: "Trip", Role: "member", Members: 2 }));

        var seen = new ConcurrentQueue<Message>();
        _ = Follow(bobs.In(id), seen.Enqueue);
        var stored = await bobs.In(id).SendAsync("where to?");
        (stored.Conversation, stored.To, stored.IsMine).ShouldBe((id, null, true));
        var rome = (await Ask("messages", $$"""
            "conversation":"{{id}}","message":"Rome","reply_to":"{{stored.Id}}"
            """)).GetProperty("id").GetString();
        await Until(() => seen.Any(one => one is { Text: "Rome", IsMine: false, To: null } && one.From == ada.Id && one.Quote!.Contains("where to?", StringComparison.Ordinal)));
        seen.ShouldContain(one => one.Notice != null && one.Notice.Contains("created", StringComparison.Ordinal));

        await Ask("v2/react", $$"""
            "id":"{{stored.Id}}","emoji":"👍"
            """);
        await Until(() => seen.Any(one => one.Id == stored.Id && one.Reactions?.Contains("\"count\":1", StringComparison.Ordinal) == true));
        await Ask("v2/edit", $$"""
            "id":"{{rome}}","message":"Roma"
            """);
        await Until(() => seen.Any(one => one.Id == rome && one is { Text: "Roma", EditedAt: not null }));
        await Ask("v2/delete", $$"""
            "id":"{{rome}}","for":"all"
            """);
        await Until(() => seen.Any(one => one.Id == rome && one is { Text: "", Deleted: true }));
        await Ask("v2/group_update", $$"""
            "conversation":"{{id}}","name":"Rome"
            """);
        await Until(() => bobs.Conversations().Any(one => one.Group?.Name == "Rome"));

        await using var late = new ChatClient(server.Url, bob.Token, new ChatClientOptions { WatchNetwork = false });
        await foreach (var message in late.In(id).Messages())
        {
            if (message.Id != stored.Id) continue;
            (message.IsMine, message.Text).ShouldBe((true, "where to?"));
            break;
        }
    }

    private static async Task Follow(Chat chat, Action<Message> see)
    {
        await foreach (var message in chat.Updates()) see(message);
    }

    private static async Task Until(Func<bool> condition, Func<string>? story = null)
    {
        var end = DateTime.UtcNow + TimeSpan.FromSeconds(30);
        while (!condition())
        {
            (DateTime.UtcNow < end).ShouldBeTrue(story?.Invoke() ?? "it should have come by now");
            await Task.Delay(5);
        }
    }

    /// <summary>A network that lets only one transport through.</summary>
    private sealed class Without(Transport wanted) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            var stopped = (wanted != Transport.WebSocket && path.Contains("/ws/", StringComparison.Ordinal)) || (wanted == Transport.Poll && path.EndsWith("/stream", StringComparison.Ordinal));
            return stopped ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.BadGateway)) : base.SendAsync(request, cancellationToken);
        }
    }
}
