using System.Text;
using Tieline.Client.Tests.Peers;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Tests.Connections;

/// <summary>F29 and F30: tokens run out, are refused, are slow to get, and belong to one account.</summary>
public sealed class TokenTests
{
    [Fact]
    public async Task A_token_that_runs_out_is_renewed_on_the_same_line()
    {
        await using var test = new ClientFixture();
        test.Server.Tokens["ada2"] = "u_ada";
        var asked = 0;
        var client = test.Open(token: _ => Task.FromResult(Interlocked.Increment(ref asked) == 1 ? "ada" : "ada2"));
        client.Connect();
        await test.Until(() => test.Server.OpenSockets == 1, "online");
        await test.Server.TellAsync(new TokenExpiringFrame(60));
        await test.Until(() => test.Server.Received.OfType<AuthFrame>().Any(auth => auth.Token == "ada2"), "auth");
        test.Server.Count("ws").ShouldBe(1);
        asked.ShouldBe(2);
    }

    [Theory]
    [InlineData(4401)]
    [InlineData(1008)]
    [InlineData(401)]
    public async Task A_refused_token_is_replaced_once_and_at_once(int how)
    {
        await using var test = new ClientFixture();
        test.Server.Script["ws"] = n => n > 1 ? Behaviour.Works : how == 401 ? Behaviour.Error(401, "unauthorized", false) : Behaviour.Close(how, "Invalid token: expired");
        var asked = 0;
        var client = test.Open(token: _ => Task.FromResult(Interlocked.Increment(ref asked) > 0 ? "ada" : ""));
        client.Connect();
        await test.Until(() => client.Status.Transport == Transport.WebSocket, "online without moving the clock");
        asked.ShouldBe(2);
    }

    [Fact]
    public async Task A_second_refusal_in_a_row_means_signed_out_until_somebody_signs_in()
    {
        await using var test = new ClientFixture();
        test.Server.Script["ws"] = n => n <= 2 ? Behaviour.Close(4401, "Invalid token: expired") : Behaviour.Works;
        var client = test.Open();
        var sent = client.With("u_bob").SendAsync("hello");
        await test.Until(() => client.Status.State == ConnectionState.SignedOut, "signed out");
        client.Status.Diagnosis!.Code.ShouldBe("auth");
        client.Status.Diagnosis.OperatorText.ShouldContain("expired");
        await test.Move(60, step: 5);
        test.Server.Count("ws").ShouldBe(2);
        client.Connect();
        await sent;
        client.Status.State.ShouldBe(ConnectionState.Online);
    }

    [Fact]
    public async Task An_app_without_a_token_is_signed_out()
    {
        await using var test = new ClientFixture();
        var client = test.Open(token: _ => Task.FromResult(""));
        client.Connect();
        await test.Until(() => client.Status.State == ConnectionState.SignedOut, "signed out");
        test.Server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_callback_that_throws_three_times_is_asked_a_fourth()
    {
        await using var test = new ClientFixture();
        var asked = 0;
        var client = test.Open(token: _ => Interlocked.Increment(ref asked) <= 3 ? throw new InvalidOperationException("no network") : Task.FromResult("ada"));
        var sent = client.With("u_bob").SendAsync("hello");
        await test.MoveUntil(() => sent.IsCompleted, "sent");
        await sent;
    }

    [Fact]
    public async Task A_slow_callback_is_asked_once_by_all_who_need_a_token()
    {
        await using var test = new ClientFixture();
        var (asked, answer) = (0, new TaskCompletionSource<string>());
        var client = test.Open(token: _ =>
        {
            Interlocked.Increment(ref asked);
            return answer.Task;
        });
        var sent = client.With("u_bob").SendAsync("hello");
        var found = client.FindPeopleAsync("bob").ContinueWith(task => task.Exception, TaskScheduler.Default);
        await test.Move(10);
        asked.ShouldBe(1);
        answer.SetResult("ada");
        await sent;
        await found;
        asked.ShouldBe(1);
    }

    [Fact]
    public async Task A_callback_that_never_answers_is_asked_again_after_30_seconds()
    {
        await using var test = new ClientFixture();
        var asked = 0;
        var client = test.Open(token: _ => Interlocked.Increment(ref asked) == 1 ? new TaskCompletionSource<string>().Task : Task.FromResult("ada"));
        client.Connect();
        var moved = await test.MoveUntil(() => client.Status.State == ConnectionState.Online, "online", step: 1);
        moved.TotalSeconds.ShouldBeGreaterThan(29);
    }

    [Fact]
    public async Task A_token_of_another_account_signs_out_instead_of_sending_in_its_name()
    {
        await using var test = new ClientFixture();
        var (ada, bob) = (Jwt("ada@example.org"), Jwt("bob@example.org"));
        (test.Server.Tokens[ada], test.Server.Tokens[bob]) = ("u_ada", "u_bob");
        var token = ada;
        test.Chat.Refuse = _ => ErrorFrame.Of(Protocol.WireError.Unavailable, "not now");
        var client = test.Open(token: _ => Task.FromResult(token));
        var sent = client.With("u_carol").SendAsync("from Ada");
        await test.Until(() => client.Status.State == ConnectionState.Online, "online");
        token = bob;
        test.Chat.Refuse = _ => null;
        test.Server.Tokens.TryRemove(ada, out _);
        test.Server.CutAll();
        await test.MoveUntil(() => client.Status.State == ConnectionState.SignedOut, "signed out");
        sent.IsCompleted.ShouldBeFalse();
        test.Texts("u_bob", "u_carol").ShouldBeEmpty();
    }

    [Fact]
    public async Task Signing_out_forgets_what_was_unsent()
    {
        await using var test = new ClientFixture();
        await test.Server.StopAsync();
        var client = test.Open();
        var sent = client.With("u_bob").SendAsync("hello");
        await test.Until(() => client.Status.State == ConnectionState.Offline, "offline");
        await client.SignOutAsync();
        await Should.ThrowAsync<OperationCanceledException>(sent);
        test.Server.Start();
        test.Texts().ShouldBeEmpty();
    }

    [Fact]
    public async Task No_token_is_ever_logged()
    {
        await using var test = new ClientFixture();
        test.Server.Tokens["a-very-secret-token"] = "u_ada";
        test.Server["ws"] = Behaviour.Status(502);
        var client = test.Open(token: _ => Task.FromResult("a-very-secret-token"));
        await client.With("u_bob").SendAsync("hello");
        test.Server.CutAll();
        await test.Move(5);
        test.Log.ShouldNotBeEmpty();
        test.Log.ShouldAllBe(line => !line.Contains("secret", StringComparison.Ordinal));
        test.Server.Requests.ShouldAllBe(line => !line.Contains("secret", StringComparison.Ordinal));
    }

    private static string Jwt(string subject) =>
        $"e30.{Convert.ToBase64String(Encoding.UTF8.GetBytes($"{{\"sub\":\"{subject}\"}}")).TrimEnd('=').Replace('+', '-').Replace('/', '_')}.c2ln";
}
