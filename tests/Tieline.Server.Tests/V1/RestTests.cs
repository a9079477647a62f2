using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V1;

/// <summary>The REST calls of the first protocol, compared with the text that its apps know.</summary>
public sealed class RestTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Nulls = "\"post_id\":null,\"story_id\":null,\"story_data\":null";

    [Fact]
    public async Task Test_needs_no_token_and_tells_that_this_is_Tieline()
    {
        var answer = await Answer.ToAsync(shared.Server, "GET", "/api/chat/test");

        answer.Status.ShouldBe(200);
        answer.Text.ShouldBe("""{"message":"Chat router is working","status":"ok"}""");
        answer.Header("X-Tieline").ShouldBe("2; node=n1");
        answer.Header("Content-Type").ShouldBe("application/json; charset=utf-8");
    }

    [Fact]
    public async Task Conversation_has_all_messages_of_the_pair_oldest_first()
    {
        var (ada, bob) = await shared.AddPairAsync();
        (await Answer.ToAsync(ada, "GET", $"/api/chat/conversation/{bob.Id}")).Text.ShouldBe("[]");
        await ada.SendAsync(bob, "Grüße & <b> 🍽", "c1");
        await bob.SendAsync(ada, "two", "c2");

        var answer = await Answer.ToAsync(ada, "GET", $"/api/chat/conversation/{bob.Id}");

        answer.Status.ShouldBe(200);
        answer.Shape.ShouldBe(
            $$"""[{"id":"c.1","from_user":"{{ada.Id}}","to_user":"{{bob.Id}}","message":"Grüße & <b> 🍽","created_at":"(moment)",{{Nulls}},"client_id":"c1"},"""
            + $$"""{"id":"c.2","from_user":"{{bob.Id}}","to_user":"{{ada.Id}}","message":"two","created_at":"(moment)",{{Nulls}},"client_id":"c2"}]""");
        (await Answer.ToAsync(bob, "GET", $"/api/chat/conversation/{ada.Id}")).Text.ShouldBe(answer.Text);
    }

    [Fact]
    public async Task Conversation_streams_more_than_one_page_and_can_be_narrowed()
    {
        var (ada, bob) = await shared.AddPairAsync();
        await Messages.StoreAsync(ada, bob, 450);

        (await SeqsAsync("")).ShouldBe(Enumerable.Range(1, 450));
        (await SeqsAsync("?limit=3")).ShouldBe([448, 449, 450]);
        (await SeqsAsync("?limit=3&before_seq=10")).ShouldBe([7, 8, 9]);
        (await SeqsAsync("?before_seq=250")).ShouldBe(Enumerable.Range(1, 249));
        (await SeqsAsync("?limit=1000")).ShouldBe(Enumerable.Range(1, 450));
        (await SeqsAsync("?limit=300&before_seq=401")).ShouldBe(Enumerable.Range(101, 300));

        async Task<IEnumerable<int>> SeqsAsync(string query) =>
            (await Answer.ToAsync(ada, "GET", $"/api/chat/conversation/{bob.Id}{query}")).Json.EnumerateArray().Select(Messages.SeqOf).ToArray();
    }

    [Theory]
    [InlineData("limit=0", "limit must be a whole number of at least 1.")]
    [InlineData("limit=-1", "limit must be a whole number of at least 1.")]
    [InlineData("limit=ten", "limit must be a whole number of at least 1.")]
    [InlineData("before_seq=1.5", "before_seq must be a whole number of at least 0.")]
    [InlineData("before_seq=99999999999999999999", "before_seq must be a whole number of at least 0.")]
    public async Task A_bad_number_is_refused_by_name(string query, string why)
    {
        var (ada, bob) = await shared.AddPairAsync();

        var answer = await Answer.ToAsync(ada, "GET", $"/api/chat/conversation/{bob.Id}?{query}");

        answer.Status.ShouldBe(400);
        answer.Detail.ShouldBe(why);
    }

    [Fact]
    public async Task List_has_a_row_for_each_chat_newest_first()
    {
        var (ada, bob) = await shared.AddPairAsync();
        var carol = await shared.AddAsync("carol");
        await ada.SendAsync(bob, "to bob");
        await carol.SendAsync(ada, "from carol");

        (await Answer.ToAsync(ada, "GET", "/api/chat/list")).Shape.ShouldBe(
            $$"""[{"other_user_id":"{{carol.Id}}","other_user_name":"{{carol.Id}}","other_user_profile_picture":null,"account_type":null,"last_message":"from carol","last_from_me":false,"created_at":"(moment)"},"""
            + $$"""{"other_user_id":"{{bob.Id}}","other_user_name":"{{bob.Id}}","other_user_profile_picture":null,"account_type":null,"last_message":"to bob","last_from_me":true,"created_at":"(moment)"}]""");
        (await Answer.ToAsync(await shared.AddAsync("dora"), "GET", "/api/chat/list")).Text.ShouldBe("[]");
    }

    [Fact]
    public async Task Unread_counts_fall_only_by_mark_read()
    {
        var (ada, bob) = await shared.AddPairAsync();
        var carol = await shared.AddAsync("carol");
        await bob.SendAsync(ada, "one");
        await bob.SendAsync(ada, "two");
        await carol.SendAsync(ada, "three");
        await ada.SendAsync(bob, "my own do not count");
        await Answer.ToAsync(ada, "GET", $"/api/chat/conversation/{bob.Id}");
        await (await ada.OpenV1Async(bob)).DisposeAsync();

        (await Answer.ToAsync(ada, "GET", "/api/chat/unread-count")).Text.ShouldBe("""{"unreadCount":3}""");
        (await Answer.ToAsync(ada, "GET", "/api/chat/unread-per-user")).Json.EnumerateObject().Select(user => (user.Name, user.Value.GetInt32()))
            .ShouldBe([(bob.Id, 2), (carol.Id, 1)], ignoreOrder: true);
        (await Answer.ToAsync(ada, "POST", $"/api/chat/mark-read/{bob.Id}")).Text.ShouldBe("""{"marked_count":2}""");
        (await Answer.ToAsync(ada, "POST", $"/api/chat/mark-read/{bob.Id}")).Text.ShouldBe("""{"marked_count":0}""");
        (await Answer.ToAsync(ada, "GET", "/api/chat/unread-count")).Text.ShouldBe("""{"unreadCount":1}""");
        (await Answer.ToAsync(ada, "GET", "/api/chat/unread-per-user")).Text.ShouldBe($$"""{"{{carol.Id}}":1}""");
    }

    [Fact]
    public async Task Share_post_reaches_whom_it_can_and_says_how_many()
    {
        var (ada, bob) = await shared.AddPairAsync();
        var (carol, dora) = (await shared.AddAsync("carol"), await shared.AddAsync("dora"));
        await Answer.ToAsync(dora, "POST", $"/api/chat/block/{ada.Id}");

        var answer = await Answer.ToAsync(ada, "POST", "/api/chat/share-post",
            $$"""{"post_id":"p_9","user_ids":["{{bob.Id}}","{{carol.Id}}","{{bob.Id}}","{{dora.Id}}","{{ada.Id}}","nobody","me"]}""");

        answer.Status.ShouldBe(200);
        answer.Text.ShouldBe("""{"message":"Post shared to 2 user(s)","shared_count":2}""");
        (await Answer.ToAsync(bob, "GET", $"/api/chat/conversation/{ada.Id}")).Shape.ShouldBe(
            $$"""[{"id":"c.1","from_user":"{{ada.Id}}","to_user":"{{bob.Id}}","message":"Hey, Look out this Dish 🍽","created_at":"(moment)","post_id":"p_9","story_id":null,"story_data":null,"client_id":"(random)"}]""");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"post_id":"p"}""")]
    [InlineData("""{"post_id":"p","user_ids":"bob"}""")]
    [InlineData("""{"post_id":"p","user_ids":[7]}""")]
    [InlineData("""{"post_id":null,"user_ids":[]}""")]
    [InlineData("""{"post_id":{"a":1},"user_ids":[]}""")]
    [InlineData("""{"post_id":"p","user_ids":["bob"]""")]
    public async Task A_share_that_cannot_be_understood_is_422(string body)
    {
        var answer = await Answer.ToAsync(await shared.AddAsync("ada"), "POST", "/api/chat/share-post", body);

        answer.Status.ShouldBe(422, answer.Text);
        answer.Detail.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Clear_says_how_many_messages_it_hid()
    {
        var (ada, bob) = await shared.AddPairAsync();
        await ada.SendAsync(bob, "one");
        await bob.SendAsync(ada, "two");

        (await Answer.ToAsync(ada, "DELETE", $"/api/chat/clear/{bob.Id}")).Text.ShouldBe("""{"message":"Chat cleared successfully","deleted_count":2}""");
        (await Answer.ToAsync(ada, "DELETE", $"/api/chat/clear/{bob.Id}")).Text.ShouldBe("""{"message":"Chat cleared successfully","deleted_count":0}""");
    }
}
