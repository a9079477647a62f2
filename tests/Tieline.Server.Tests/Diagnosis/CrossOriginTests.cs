using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Diagnosis;

/// <summary>Cross-origin rules and the header that says who answers, on good answers and on refusals.</summary>
public sealed class CrossOriginTests : IAsyncLifetime
{
    private RunningServer _any = null!;
    private RunningServer _some = null!;

    public async ValueTask InitializeAsync()
    {
        _any = await RunningServer.StartAsync();
        _some = await RunningServer.StartAsync(options => options with { Origins = "https://app.example, http://localhost:5173", Node = "node-7" });
    }

    public async ValueTask DisposeAsync()
    {
        await _any.DisposeAsync();
        await _some.DisposeAsync();
    }

    [Fact]
    public async Task Every_answer_carries_the_header_and_the_rules_also_where_it_is_a_refusal()
    {
        foreach (var (method, path, status) in ((string, string, int)[])
        [
            ("GET", "/api/chat/test", 200), ("GET", "/api/chat/list", 401), ("GET", "/api/chat/nothing", 404), ("PUT", "/api/chat/test", 405), ("POST", "/api/auth/login", 422),
            ("GET", "/api/chat/ws/me", 426), ("GET", "/api/chat/stream", 401), ("GET", "/api/chat/_diag", 200), ("GET", "/healthz", 200), ("GET", "/readyz", 200), ("POST", "/api/chat/report", 204),
        ])
        {
            var any = await Answer.ToAsync(_any, method, path, null, null, ("Origin", "https://anybody.example"));
            any.Status.ShouldBe(status, path);
            any.Header("X-Tieline").ShouldBe("2; node=n1", path);
            any.Header("Access-Control-Allow-Origin").ShouldBe("*", path);
            any.Header("Access-Control-Expose-Headers")!.ShouldStartWith("X-Tieline, Retry-After, ", customMessage: path);
            any.Header("Access-Control-Allow-Credentials").ShouldBeNull(path);

            var allowed = await Answer.ToAsync(_some, method, path, null, null, ("Origin", "https://app.example"));
            (allowed.Status, allowed.Header("Access-Control-Allow-Origin"), allowed.Header("Vary")).ShouldBe((status, "https://app.example", "Origin"), path);
            allowed.Header("X-Tieline").ShouldBe("2; node=node-7");
            var other = await Answer.ToAsync(_some, method, path, null, null, ("Origin", "https://evil.example"));
            (other.Header("Access-Control-Allow-Origin"), other.Header("Vary")).ShouldBe((null, "Origin"), path);
        }
    }

    [Fact]
    public async Task A_preflight_is_answered_whatever_the_path_and_needs_no_token()
    {
        foreach (var path in (string[])["/api/chat/messages", "/api/chat/list", "/api/chat/nothing", "/api/auth/login", "/api/chat/ws/me"])
        {
            var answer = await Answer.ToAsync(_any, "OPTIONS", path, null, null, ("Origin", "https://anybody.example"), ("Access-Control-Request-Method", "DELETE"), ("Access-Control-Request-Headers", "authorization,content-type"));

            answer.Status.ShouldBe(204, path);
            answer.Header("Access-Control-Allow-Origin").ShouldBe("*");
            answer.Header("Access-Control-Allow-Methods").ShouldBe("GET, HEAD, POST, PATCH, DELETE, OPTIONS");
            answer.Header("Access-Control-Allow-Headers")!.ShouldStartWith("Authorization, Content-Type, Last-Event-ID, ");
            answer.Header("Access-Control-Max-Age").ShouldBe("600");
        }

        (await Answer.ToAsync(_some, "OPTIONS", "/api/chat/messages", null, null, ("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST"))).Header("Access-Control-Allow-Origin").ShouldBeNull();
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("https://app.example", true)]
    [InlineData("http://localhost:5173", true)]
    [InlineData("https://evil.example", false)]
    [InlineData("https://app.example.evil.example", false)]
    [InlineData("http://app.example", false)]
    [InlineData("null", false)]
    public async Task With_origins_set_a_socket_of_another_is_closed_with_the_reason(string? origin, bool opens)
    {
        var ada = await _some.AddPersonAsync("ada-" + Guid.NewGuid().ToString("N")[..8]);
        foreach (var (path, code) in ((string, int)[])[("/api/chat/ws/nobody", 1008), ("/api/chat/ws/me?v=2", 4403)])
        {
            await using var socket = await TestSocket.ConnectAsync(_some.Address, path, ada.Token, options =>
            {
                if (origin is not null) options.SetRequestHeader("Origin", origin);
            });

            if (!opens) (await socket.ReadCloseAsync()).ShouldBe((code, $"Origin {origin} is not allowed: add it to origins"));
            else if (code == 1008) (await socket.ReadCloseAsync()).Reason.ShouldBe("User not found");
            else (await socket.ReadAsync()).GetProperty("type").GetString().ShouldBe("hello");
        }
    }

    [Fact]
    public async Task Without_origins_any_page_may_open_a_socket()
    {
        var ada = await _any.AddPersonAsync("ada");
        await using var socket = await TestSocket.ConnectAsync(_any.Address, "/api/chat/ws/me?v=2", ada.Token, options => options.SetRequestHeader("Origin", "https://anybody.example"));

        (await socket.ReadAsync()).GetProperty("type").GetString().ShouldBe("hello");
    }
}
