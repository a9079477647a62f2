using System.Net;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Live;

public sealed class PresenceTests : LivePeople
{
    [Fact]
    public async Task Who_watches_is_told_at_once_and_at_each_coming_and_going()
    {
        await using var ada = await Ada.OpenAsync();
        await ada.SendAsync(new { type = "watch", users = new[] { "bob", "nobody", "ada" } });
        (await ada.ReadUntilAsync("presence")).ToString().ShouldBe("""{"type":"presence","user":"bob","online":false}""");

        var bob = await Bob.OpenAsync();
        await ada.ReadUntilAsync(Is("presence", "online", true));
        await bob.DisposeAsync();

        var gone = await ada.ReadUntilAsync(Is("presence", "online", false));
        gone.GetProperty("last_seen").GetString().ShouldEndWith("Z");
        ada.Seen.ShouldNotContain(frame => Is("presence", "user", "ada")(frame) || Is("presence", "user", "nobody")(frame));
    }

    [Fact]
    public async Task A_stream_watches_by_POST()
    {
        await using var stream = await TestStream.OpenAsync(Ada);
        while ((await stream.ReadAsync()).Frame.GetProperty("type").GetString() != "synced")
        {
        }

        await DoAsync(Ada, "watch", new { users = new[] { "bob" } });
        (await stream.ReadAsync()).Frame.GetProperty("online").GetBoolean().ShouldBeFalse();
        await using var bob = await Bob.OpenAsync();

        (await stream.ReadAsync()).Frame.GetProperty("online").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task A_new_list_replaces_the_former_one()
    {
        await Ada.SendAsync(Cy, "hi");
        await using var ada = await Ada.OpenAsync();
        await ada.SendAsync(new { type = "watch", users = new[] { "bob" } });
        await ada.ReadUntilAsync("presence");
        await ada.SendAsync(new { type = "watch", users = new[] { "cy" } });
        await ada.ReadUntilAsync(Is("presence", "user", "cy"));

        await using var bob = await Bob.OpenAsync();
        await using var cy = await Cy.OpenAsync();

        await ada.ReadUntilAsync(frame => Is("presence", "user", "cy")(frame) && frame.GetProperty("online").GetBoolean());
        ada.Seen.Count(Is("presence", "user", "bob")).ShouldBe(1);
    }

    [Fact]
    public async Task Strangers_are_told_nothing()
    {
        await using var bob = await Bob.OpenAsync();
        await using var cy = await Cy.OpenAsync();
        await cy.SendAsync(new { type = "watch", users = new[] { "bob" } });
        await cy.SendAsync(new { type = "ping" });
        await cy.ReadUntilAsync("pong");

        cy.Seen.ShouldNotContain(frame => frame.GetProperty("type").GetString() == "presence");
        (await Cy.GetAsync("/api/chat/presence?users=bob,ada")).Body.GetProperty("presence").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("ada blocks bob")]
    [InlineData("bob blocks ada")]
    [InlineData("ada hides it")]
    [InlineData("bob hides it")]
    public async Task What_was_told_is_taken_back_when(string reason)
    {
        await using var ada = await Ada.OpenAsync();
        await using var bob = await Bob.OpenAsync();
        await ada.SendAsync(new { type = "watch", users = new[] { "bob" } });
        await ada.ReadUntilAsync(Is("presence", "online", true));

        if (reason == "ada blocks bob") await Ada.PostAsync("/api/chat/block/bob");
        else if (reason == "bob blocks ada") await Bob.PostAsync("/api/chat/block/ada");
        else await DoAsync(reason.StartsWith("ada", StringComparison.Ordinal) ? Ada : Bob, "privacy", new { online = false, last_seen = false });

        (await ada.ReadUntilAsync(Is("presence", "online", false))).TryGetProperty("last_seen", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_a_line_it_can_be_asked()
    {
        await using var bob = await Bob.OpenAsync();

        (await Ada.GetAsync("/api/chat/presence?users=bob,cy")).Body.GetProperty("presence").ToString().ShouldBe("""[{"user":"bob","online":true}]""");
    }

    [Fact]
    public async Task When_somebody_was_last_there_survives_a_restart_of_the_server()
    {
        var folder = Directory.CreateTempSubdirectory("tieline-seen-").FullName;
        await using (var first = await RunningServer.StartAsync(folder: folder))
        {
            var (dan, eve) = (await first.AddPersonAsync("dan"), await first.AddPersonAsync("eve"));
            await dan.SendAsync(eve, "hi");
            await using var line = await eve.OpenAsync();
        }

        await using (var second = await RunningServer.StartAsync(folder: folder))
        {
            var (_, body) = await second.CallAsync(HttpMethod.Get, "/api/chat/presence?users=eve", second.TokenFor("dan@example.org"));
            body.GetProperty("presence")[0].GetProperty("online").GetBoolean().ShouldBeFalse();
            body.GetProperty("presence")[0].GetProperty("last_seen").GetString().ShouldEndWith("Z");
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task More_than_200_at_once_are_refused()
    {
        var many = Enumerable.Range(0, 201).Select(number => $"u{number}").ToArray();

        (await Ada.PostAsync("/api/chat/v2/watch", new { users = many })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await Ada.GetAsync($"/api/chat/presence?users={string.Join(',', many)}")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await Ada.GetAsync("/api/chat/presence")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }
}
