using System.Net;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Live;

public sealed class TypingTests : LivePeople
{
    [Fact]
    public async Task The_other_person_learns_of_it_over_socket_and_stream_and_nobody_else()
    {
        await using var ada = await Ada.OpenAsync();
        await using var second = await Ada.OpenAsync();
        await using var bob = await Bob.OpenAsync();
        await using var stream = await TestStream.OpenAsync(Bob);
        await using var cy = await Cy.OpenAsync();

        await ada.SendAsync(new { type = "typing", conversation = Chat });

        (await bob.ReadUntilAsync("typing")).ToString().ShouldBe($$"""{"type":"typing","conversation":"{{Chat}}","user":"ada"}""");
        while ((await stream.ReadAsync()).Frame.GetProperty("type").GetString() != "typing")
        {
        }

        foreach (var other in (TestSocket[])[ada, second, cy])
        {
            await other.SendAsync(new { type = "ping" });
            await other.ReadUntilAsync("pong");
            other.Seen.ShouldNotContain(frame => frame.GetProperty("type").GetString() == "typing");
        }
    }

    [Fact]
    public async Task It_can_be_said_by_POST()
    {
        await using var bob = await Bob.OpenAsync();

        (await Ada.PostAsync("/api/chat/v2/typing", new { conversation = Chat })).Status.ShouldBe(HttpStatusCode.NoContent);

        (await bob.ReadUntilAsync("typing")).GetProperty("user").GetString().ShouldBe("ada");
    }

    [Fact]
    public async Task Once_in_two_seconds_is_passed_on()
    {
        await using var bob = await Bob.OpenAsync();

        for (var i = 0; i < 5; i++) (await Ada.PostAsync("/api/chat/v2/typing", new { conversation = Chat })).Status.ShouldBe(HttpStatusCode.NoContent);
        await Ada.SendAsync(Bob, "written");

        await bob.ReadUntilAsync("message");
        bob.Seen.Count(frame => frame.GetProperty("type").GetString() == "typing").ShouldBe(1);
    }

    [Fact]
    public async Task A_stranger_to_the_conversation_learns_that_there_is_none()
    {
        var (status, body) = await Cy.PostAsync("/api/chat/v2/typing", new { conversation = Chat });
        (status, body.GetProperty("code").GetString()).ShouldBe((HttpStatusCode.NotFound, "not_found"));

        await using var cy = await Cy.OpenAsync();
        await cy.SendAsync(new { type = "typing", conversation = Chat });
        (await cy.ReadUntilAsync("error")).GetProperty("code").GetString().ShouldBe("not_found");
    }

    [Theory]
    [InlineData("ada blocked bob")]
    [InlineData("bob blocked ada")]
    [InlineData("ada hides it")]
    [InlineData("bob hides it")]
    public async Task It_stays_unseen_when(string reason)
    {
        await using var bob = await Bob.OpenAsync();
        if (reason == "ada blocked bob") await Ada.PostAsync("/api/chat/block/bob");
        else if (reason == "bob blocked ada") await Bob.PostAsync("/api/chat/block/ada");
        else await DoAsync(reason.StartsWith("ada", StringComparison.Ordinal) ? Ada : Bob, "privacy", new { typing = false });

        (await Ada.PostAsync("/api/chat/v2/typing", new { conversation = Chat })).Status.ShouldBe(HttpStatusCode.NoContent);

        await bob.SendAsync(new { type = "ping" });
        await bob.ReadUntilAsync("pong");
        bob.Seen.ShouldNotContain(frame => frame.GetProperty("type").GetString() == "typing");
    }
}
