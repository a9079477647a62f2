using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V1;

/// <summary>What the first protocol's REST calls refuse, and in which words.</summary>
public sealed class RefusalTests(SharedServer shared) : IClassFixture<SharedServer>
{
    public static TheoryData<string, string> CallsWithToken =>
    [
        ("GET", "/api/auth/me"), ("GET", "/api/chat/conversation/x"), ("GET", "/api/chat/list"), ("GET", "/api/chat/unread-count"),
        ("GET", "/api/chat/unread-per-user"), ("POST", "/api/chat/mark-read/x"), ("POST", "/api/chat/share-post"), ("DELETE", "/api/chat/clear/x"),
        ("POST", "/api/chat/block/x"), ("DELETE", "/api/chat/unblock/x"), ("GET", "/api/chat/is-blocked/x"), ("GET", "/api/chat/blocked"),
        ("POST", "/api/chat/mute/x"), ("DELETE", "/api/chat/unmute/x"), ("GET", "/api/chat/is-muted/x"), ("GET", "/api/chat/muted"),
    ];

    public static TheoryData<string, string> CallsWithPeer =>
    [
        ("GET", "/api/chat/conversation/{0}"), ("POST", "/api/chat/mark-read/{0}"), ("DELETE", "/api/chat/clear/{0}"), ("POST", "/api/chat/block/{0}"),
        ("DELETE", "/api/chat/unblock/{0}"), ("GET", "/api/chat/is-blocked/{0}"), ("POST", "/api/chat/mute/{0}"), ("DELETE", "/api/chat/unmute/{0}"), ("GET", "/api/chat/is-muted/{0}"),
    ];

    [Theory]
    [MemberData(nameof(CallsWithToken))]
    public async Task Without_a_token_it_is_401_and_says_which_kind_is_wanted(string method, string path)
    {
        var missing = await Answer.ToAsync(shared.Server, method, path);
        missing.Status.ShouldBe(401);
        missing.Detail.ShouldBe("Missing token");
        missing.Header("WWW-Authenticate").ShouldBe("Bearer");

        var bad = await Answer.ToAsync(shared.Server, method, path, "nonsense");
        bad.Status.ShouldBe(401);
        bad.Detail.ShouldBe("Invalid token: it is not a JSON Web Token");
        bad.Header("WWW-Authenticate").ShouldBe("Bearer");
    }

    [Theory]
    [MemberData(nameof(CallsWithPeer))]
    public async Task An_unknown_person_is_404(string method, string path)
    {
        var ada = await shared.AddAsync("ada");
        foreach (var id in (string[])["nobody", "me", "_hidden", "a%20b", "%F0%9F%8D%BD", new string('x', 200), "..%2F..%2Fetc"])
        {
            var answer = await Answer.ToAsync(ada, method, string.Format(System.Globalization.CultureInfo.InvariantCulture, path, id));

            answer.Status.ShouldBe(404, $"{id}: {answer.Text}");
            if (!id.Contains("%2F", StringComparison.Ordinal)) answer.Detail.ShouldBe("User not found", id);
        }
    }

    [Theory]
    [MemberData(nameof(CallsWithToken))]
    public async Task Another_method_is_405_and_the_right_one_is_named(string method, string path)
    {
        var answer = await Answer.ToAsync(shared.Server, "PATCH", path);

        answer.Status.ShouldBe(405);
        answer.Header("Allow").ShouldBe(method);
        answer.Header("X-Tieline").ShouldNotBeNull();
    }

    [Theory]
    [InlineData("/api/chat/nothing")]
    [InlineData("/api/chat/conversation")]
    [InlineData("/api/chat/conversation/a/b")]
    [InlineData("/api/auth/nothing")]
    public async Task An_unknown_address_is_404_with_detail(string path)
    {
        var answer = await Answer.ToAsync(shared.Server, "GET", path);

        answer.Status.ShouldBe(404);
        answer.Detail.ShouldBe($"There is nothing at {path}.");
        answer.Header("X-Tieline").ShouldBe("2; node=n1");
    }

    [Theory]
    [InlineData("a~b|c:d@e-f")]
    [InlineData("UPPER.lower_1")]
    public async Task Ids_with_every_allowed_sign_are_found_percent_encoded_or_not(string id)
    {
        var ada = await shared.AddAsync("ada");
        if (await shared.Server.Store.FindAccountAsync(AccountLookup.Id, id, CancellationToken.None) is null)
            await shared.Server.Store.SubmitAsync(new AddAccount(new AccountDraft(id, null, "Somebody")));

        (await Answer.ToAsync(ada, "GET", "/api/chat/is-muted/" + Uri.EscapeDataString(id))).Text.ShouldBe("""{"is_muted":false}""");
        (await Answer.ToAsync(ada, "GET", "/api/chat/is-muted/" + id)).Text.ShouldBe("""{"is_muted":false}""");
        (await Answer.ToAsync(ada, "GET", "/api/chat/is-muted/" + id.ToLowerInvariant() + "X")).Status.ShouldBe(404);
    }
}
