using System.Net;
using System.Text.Json;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Live;

public sealed class ModerationTests : LivePeople
{
    [Fact]
    public async Task A_reported_message_stands_in_the_queue_with_what_is_around_it()
    {
        for (var i = 2; i <= 8; i++) await Ada.SendAsync(Bob, $"message {i}");

        await DoAsync(Bob, "flag", new { id = $"{Chat}.4", reason = "abuse", text = "he threatens me" });

        var flag = (await QueueAsync()).Single();
        (flag.GetProperty("reporter").GetString(), flag.GetProperty("user").GetString(), flag.GetProperty("message_id").GetString(), flag.GetProperty("reason").GetString(), flag.GetProperty("text").GetString())
            .ShouldBe(("bob", "ada", $"{Chat}.4", "abuse", "he threatens me"));
        flag.GetProperty("context").EnumerateArray().Select(message => message.GetProperty("seq").GetInt32()).ShouldBe([2, 3, 4, 5, 6]);
    }

    [Fact]
    public async Task The_same_report_again_is_no_second_one_until_it_is_decided()
    {
        await using var bob = await Bob.OpenAsync();
        foreach (var (id, changed) in ((string, int)[])[("f1", 1), ("f2", 0)])
        {
            await bob.SendAsync(new { type = "flag", client_id = id, id = $"{Chat}.1", reason = "spam" });
            (await bob.ReadUntilAsync(Is("done", "client_id", id))).GetProperty("changed").GetInt32().ShouldBe(changed);
        }

        var flag = (await QueueAsync()).Single().GetProperty("id").GetInt64();
        (await DecideAsync(flag, "dismiss")).Json.GetProperty("changed").GetInt32().ShouldBe(1);
        (await DecideAsync(flag, "dismiss")).Json.GetProperty("changed").GetInt32().ShouldBe(0);

        (await QueueAsync()).ShouldBeEmpty();
        (await QueueAsync("closed")).Single().GetProperty("action").GetString().ShouldBe("dismiss");
        await DoAsync(Bob, "flag", new { id = $"{Chat}.1", reason = "spam" });
        (await QueueAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_suspended_person_writes_nothing_and_reads_on_until_restored()
    {
        await using var ada = await Ada.OpenAsync();
        await DoAsync(Bob, "flag", new { user = "ada", reason = "spam" });
        var flag = (await QueueAsync()).Single().GetProperty("id").GetInt64();
        await Ada.SendAsync(Bob, "before", "before1");

        (await DecideAsync(flag, "suspend_user")).Status.ShouldBe(200);

        await ada.SendAsync(new { type = "send", client_id = "s1", conversation = Chat, message = "spam" });
        (await ada.ReadUntilAsync(Is("error", "client_id", "s1"))).GetProperty("code").GetString().ShouldBe("forbidden");
        await ada.SendAsync(new { type = "send", client_id = "before1", to = "bob", message = "before" });
        (await ada.ReadUntilAsync("ack")).GetProperty("duplicate").GetBoolean().ShouldBeTrue();
        await Bob.SendAsync(Ada, "can you read this?");
        (await ada.ReadUntilAsync(Is("message", "from_user", "bob"))).GetProperty("message").GetString().ShouldBe("can you read this?");

        (await DecideAsync(flag, "restore_user")).Status.ShouldBe(200);
        await Ada.SendAsync(Bob, "back again");
    }

    [Fact]
    public async Task What_is_not_there_for_the_reporter_cannot_be_reported_and_neither_can_oneself()
    {
        foreach (var (who, body, expected) in ((Person, object, HttpStatusCode)[])
        [
            (Cy, new { id = $"{Chat}.1", reason = "spam" }, HttpStatusCode.NotFound),
            (Bob, new { id = $"{Chat}.99", reason = "spam" }, HttpStatusCode.NotFound),
            (Bob, new { id = "nonsense", reason = "spam" }, HttpStatusCode.NotFound),
            (Bob, new { user = "nobody", reason = "spam" }, HttpStatusCode.NotFound),
            (Bob, new { user = "bob", reason = "spam" }, HttpStatusCode.BadRequest),
            (Ada, new { id = $"{Chat}.1", reason = "spam" }, HttpStatusCode.BadRequest),
            (Bob, new { id = $"{Chat}.1", reason = "dislike" }, HttpStatusCode.BadRequest),
            (Bob, new { reason = "spam" }, HttpStatusCode.BadRequest),
        ]) (await who.PostAsync("/api/chat/v2/flag", body)).Status.ShouldBe(expected, body.ToString());

        (await QueueAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_queue_is_for_the_operator_alone()
    {
        foreach (var token in (string?[])[null, "operator-token-of-another"])
        {
            var headers = token is null ? Array.Empty<(string, string)>() : [("X-Operator-Token", token)];
            (await Answer.ToAsync(Server, "GET", "/api/chat/moderation/flags", Ada.Token, headers: headers)).Status.ShouldBe(403);
            (await Answer.ToAsync(Server, "POST", "/api/chat/moderation/flags/1", Ada.Token, new StringContent("{\"action\":\"dismiss\"}"), headers)).Status.ShouldBe(403);
        }

        (await DecideAsync(1, "dismiss")).Status.ShouldBe(404);
        (await DecideAsync(1, "explode")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task A_long_queue_comes_in_pages()
    {
        for (var i = 2; i <= 5; i++) await Ada.SendAsync(Bob, $"message {i}");
        for (var i = 1; i <= 5; i++) await DoAsync(Bob, "flag", new { id = $"{Chat}.{i}", reason = "other" });

        var seen = new List<long>();
        long? after = 0;
        while (after is not null)
        {
            var page = (await Answer.ToAsync(Server, "GET", $"/api/chat/moderation/flags?limit=2&after={after}", headers: ("X-Operator-Token", OperatorToken))).Json;
            seen.AddRange(page.GetProperty("flags").EnumerateArray().Select(flag => flag.GetProperty("id").GetInt64()));
            after = page.GetProperty("next").ValueKind == JsonValueKind.Null ? null : page.GetProperty("next").GetInt64();
        }

        seen.ShouldBe([1, 2, 3, 4, 5]);
    }

    private async Task<List<JsonElement>> QueueAsync(string state = "open") =>
        [.. (await Answer.ToAsync(Server, "GET", $"/api/chat/moderation/flags?state={state}", headers: ("X-Operator-Token", OperatorToken))).Json.GetProperty("flags").EnumerateArray()];

    private Task<Answer> DecideAsync(long flag, string action) =>
        Answer.ToAsync(Server, "POST", $"/api/chat/moderation/flags/{flag}", null, new StringContent($"{{\"action\":\"{action}\"}}"), ("X-Operator-Token", OperatorToken));
}
