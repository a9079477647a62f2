using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V1;

public sealed class RelationTests(SharedServer shared) : IClassFixture<SharedServer>
{
    [Theory]
    [InlineData("block", "blocked", """{"i_blocked_them":true,"they_blocked_me":false,"is_blocked":true}""", """{"i_blocked_them":false,"they_blocked_me":false,"is_blocked":false}""")]
    [InlineData("mute", "muted", """{"is_muted":true}""", """{"is_muted":false}""")]
    public async Task A_relation_is_set_shown_listed_and_taken_back(string verb, string state, string set, string unset)
    {
        var (ada, bob) = await shared.AddPairAsync();
        (await Answer.ToAsync(ada, "GET", $"/api/chat/is-{state}/{bob.Id}")).Text.ShouldBe(unset);
        (await Answer.ToAsync(ada, "GET", $"/api/chat/{state}")).Text.ShouldBe("[]");

        var done = await Answer.ToAsync(ada, "POST", $"/api/chat/{verb}/{bob.Id}");
        (done.Status, done.Text).ShouldBe((200, $$"""{"message":"User {{state}} successfully"}"""));
        var again = await Answer.ToAsync(ada, "POST", $"/api/chat/{verb}/{bob.Id}");
        (again.Status, again.Detail).ShouldBe((400, $"User is already {state}"));

        (await Answer.ToAsync(ada, "GET", $"/api/chat/is-{state}/{bob.Id}")).Text.ShouldBe(set);
        (await Answer.ToAsync(ada, "GET", $"/api/chat/{state}")).Shape.ShouldBe(
            $$"""[{"user_id":"{{bob.Id}}","username":"{{bob.Id}}","full_name":"{{bob.Id}}","profile_picture":null,"{{state}}_at":"(moment)"}]""");
        (await Answer.ToAsync(bob, "GET", $"/api/chat/{state}")).Text.ShouldBe("[]");

        var undone = await Answer.ToAsync(ada, "DELETE", $"/api/chat/un{verb}/{bob.Id}");
        (undone.Status, undone.Text).ShouldBe((200, $$"""{"message":"User un{{state}} successfully"}"""));
        var nothing = await Answer.ToAsync(ada, "DELETE", $"/api/chat/un{verb}/{bob.Id}");
        (nothing.Status, nothing.Detail).ShouldBe((404, $"User is not {state}"));
        (await Answer.ToAsync(ada, "GET", $"/api/chat/is-{state}/{bob.Id}")).Text.ShouldBe(unset);
    }

    [Fact]
    public async Task Who_is_blocked_can_see_that_it_is_so()
    {
        var (ada, bob) = await shared.AddPairAsync();
        await Answer.ToAsync(ada, "POST", $"/api/chat/block/{bob.Id}");

        (await Answer.ToAsync(bob, "GET", $"/api/chat/is-blocked/{ada.Id}")).Text.ShouldBe("""{"i_blocked_them":false,"they_blocked_me":true,"is_blocked":true}""");
    }

    [Theory]
    [InlineData("block")]
    [InlineData("mute")]
    public async Task Nobody_can_do_it_to_themselves(string verb)
    {
        var ada = await shared.AddAsync("ada");

        var answer = await Answer.ToAsync(ada, "POST", $"/api/chat/{verb}/{ada.Id}");

        (answer.Status, answer.Detail).ShouldBe((400, "That is yourself"));
    }
}
