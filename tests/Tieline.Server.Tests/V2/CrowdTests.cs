using System.Net;
using System.Text.Json;
using Tieline.Core.Ledgers;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V2;

/// <summary>The largest group there may be, all of it online.</summary>
public sealed class CrowdTests(ITestOutputHelper output)
{
    /// <summary>Far more than it takes; a quadratic cost would not end within.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_message_reaches_a_thousand_members_and_each_of_them_is_seen_to_have_read_it()
    {
        await using var server = await RunningServer.StartAsync(options => options with { FrameBytes = 1_048_576 });
        var people = await Task.WhenAll(Enumerable.Range(0, GroupRules.MaxMembers).Select(number => server.AddPersonAsync($"p{number}")));
        await WithinAsync("everybody is told of everything", RunAsync(people));
    }

    private async Task RunAsync(Person[] people)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        void Told(string what) => output.WriteLine($"{watch.ElapsedMilliseconds} ms: {what}");

        var (status, made) = await people[0].PostAsync("/api/chat/v2/group_create", new { client_id = "g", name = "Crowd", members = people.Skip(1).Select(person => person.Id) });
        status.ShouldBe(HttpStatusCode.OK, made.ToString());
        var conversation = made.GetProperty("conversation").GetString()!;
        Told("the group is made");
        (await people[1].PostAsync("/api/chat/v2/group_add", new { client_id = "more", conversation, members = new[] { people[0].Id } })).Status.ShouldBe(HttpStatusCode.Forbidden);

        var sockets = await Task.WhenAll(people.Select(person => person.OpenAsync()));
        try
        {
            Told("all are connected");
            await sockets[0].SendAsync(new { type = "send", client_id = "m", conversation, message = "hello, all" });
            var told = await Task.WhenAll(sockets.Select(socket => socket.ReadUntilAsync(frame => Is(frame, "message") && frame.GetProperty("message").GetString() == "hello, all")));
            told.Select(frame => frame.GetProperty("seq").GetInt64()).Distinct().ShouldBe([2]);
            Told("all have the message");

            await Task.WhenAll(sockets.Skip(1).Select(socket => socket.SendAsync(new { type = "read", conversation, seq = 2 })));
            // A frame behind it on the same line is answered when the receipt is taken in.
            await Task.WhenAll(sockets.Skip(1).Select(socket => PongAsync(socket)));
            await ReadByAllAsync(people, conversation);
            Told("all are seen to have read it");
        }
        finally
        {
            await Task.WhenAll(sockets.Select(socket => socket.DisposeAsync().AsTask()));
        }
    }

    private static async Task PongAsync(TestSocket socket)
    {
        await socket.SendAsync(new { type = "ping" });
        await socket.ReadUntilAsync("pong");
    }

    private static async Task ReadByAllAsync(Person[] people, string conversation)
    {
        while (true)
        {
            var (members, after) = (new List<JsonElement>(), "");
            do
            {
                var (_, page) = await people[0].GetAsync($"/api/chat/members?conversation={conversation}&limit=200&after={Uri.EscapeDataString(after)}");
                members.AddRange(page.GetProperty("members").EnumerateArray());
                after = page.GetProperty("next").GetString() ?? "";
            }
            while (after.Length > 0);

            members.Count.ShouldBe(people.Length);
            members.Select(member => member.GetProperty("user").GetProperty("id").GetString()).Distinct().Count().ShouldBe(people.Length);
            // Receipts are gathered for a moment before they are stored.
            if (members.Where(member => member.GetProperty("role").GetString() == "member").All(member => member.GetProperty("read_seq").GetInt64() == 2)) return;
            await Task.Delay(50);
        }
    }

    private static bool Is(JsonElement frame, string type) => frame.GetProperty("type").GetString() == type;

    private static async Task WithinAsync(string what, Task task)
    {
        if (await Task.WhenAny(task, Task.Delay(_limit)) != task) throw new TimeoutException($"Not within {_limit.TotalSeconds} s: {what}.");
        await task;
    }
}
