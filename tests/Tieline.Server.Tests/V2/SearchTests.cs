using System.Net;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V2;

public sealed class SearchTests : TwoPeople
{
    [Fact]
    public async Task What_is_found_has_the_shape_of_every_message_and_is_there_as_soon_as_it_is_acknowledged()
    {
        var ack = await Ada.SendAsync(Bob, "Grüße aus Łódź");

        var (status, found) = await Bob.GetAsync("/api/chat/search?q=grusse%20lod");

        status.ShouldBe(HttpStatusCode.OK);
        var message = found.GetProperty("messages").EnumerateArray().ShouldHaveSingleItem();
        message.GetProperty("id").GetString().ShouldBe(ack.GetProperty("id").GetString());
        message.GetProperty("from_user").GetString().ShouldBe("ada");
        message.GetProperty("message").GetString().ShouldBe("Grüße aus Łódź");
        found.GetProperty("next").GetString().ShouldBeNull();
    }

    [Fact]
    public async Task Pages_are_turned_by_next()
    {
        for (var i = 1; i <= 5; i++) await Ada.SendAsync(Bob, $"hello {i}");
        var found = new List<string>();
        for (var next = ""; next is not null;)
        {
            var page = (await Bob.GetAsync($"/api/chat/search?q=hello&limit=2&cursor={next}")).Body;
            found.AddRange(page.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("message").GetString()!));
            next = page.GetProperty("next").GetString();
        }

        found.ShouldBe(["hello 5", "hello 4", "hello 3", "hello 2", "hello 1"]);
    }

    [Fact]
    public async Task It_can_be_narrowed()
    {
        var cy = await Server.AddPersonAsync("cy");
        var conversation = (await Ada.SendAsync(Bob, "hello bob")).GetProperty("conversation").GetString();
        await cy.SendAsync(Ada, "hello ada");

        (await CountAsync($"q=hello&conversation={conversation}")).ShouldBe(1);
        (await CountAsync("q=hello&from=cy")).ShouldBe(1);
        (await CountAsync("from=cy")).ShouldBe(1);
        (await CountAsync("q=hello&from=nobody")).ShouldBe(0);
        (await CountAsync("q=hello&after=2020-01-01")).ShouldBe(2);
        (await CountAsync("q=hello&before=2020-01-01T00:00:00%2B02:00")).ShouldBe(0);
        (await CountAsync("q=hello&has=image")).ShouldBe(0);
    }

    [Theory]
    [InlineData("", "q must hold")]
    [InlineData("q=%3F", "q must hold")]
    [InlineData("q=a&has=cheese", "has must be image")]
    [InlineData("q=a&after=yesterday", "after must be a time")]
    [InlineData("q=a&limit=0", "limit must be")]
    [InlineData("q=a&cursor=x", "cursor must be")]
    public async Task What_is_wrong_is_said(string query, string why)
    {
        var (status, refusal) = await Ada.GetAsync("/api/chat/search?" + query);

        status.ShouldBe(HttpStatusCode.BadRequest);
        refusal.GetProperty("detail").GetString()!.ShouldContain(why);
    }

    [Fact]
    public async Task A_conversation_of_others_is_not_there()
    {
        var cy = await Server.AddPersonAsync("cy");
        var conversation = (await Ada.SendAsync(Bob, "hello")).GetProperty("conversation").GetString();

        (await cy.GetAsync($"/api/chat/search?q=hello&conversation={conversation}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await cy.GetAsync("/api/chat/search?q=hello")).Body.GetProperty("messages").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task It_is_among_the_features_and_has_a_rate()
    {
        await using var socket = await Ada.ConnectAsync();
        (await socket.ReadUntilAsync("hello")).GetProperty("features").EnumerateArray().Select(feature => feature.GetString()).ShouldContain("search");

        Answer answer;
        var asked = 0;
        do answer = await Answer.ToAsync(Ada, "GET", "/api/chat/search?q=hello");
        while (answer.Status == 200 && ++asked < 500);

        asked.ShouldBeGreaterThanOrEqualTo(30);
        answer.Status.ShouldBe(429);
        answer.Header("Retry-After").ShouldBe("1");
    }

    private async Task<int> CountAsync(string query)
    {
        var (status, body) = await Ada.GetAsync("/api/chat/search?" + query);
        status.ShouldBe(HttpStatusCode.OK, body.ToString());
        return body.GetProperty("messages").GetArrayLength();
    }
}
