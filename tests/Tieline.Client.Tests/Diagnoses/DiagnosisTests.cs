using System.Net;
using System.Net.Sockets;
using Tieline.Client.Tests.Peers;

namespace Tieline.Client.Tests.Diagnoses;

/// <summary>F1 to F3, F36: each failure has its own code, a sentence for the person and one that tells the operator what to do.</summary>
public sealed class DiagnosisTests
{
    public static TheoryData<string, string, string> Causes => new()
    {
        { "426 of Tieline", "upgrade_stripped", "proxy_set_header Upgrade" },
        { "404 of nginx", "refused_before_server", "nginx/1.26" },
        { "403 of Tieline", "forbidden_or_refused", "refused the handshake" },
        { "301", "redirected", "https://elsewhere.example/" },
        { "503", "busy", "7 s" },
        { "reset", "refused_before_server", "cut" },
        { "bad accept", "bad_handshake", "101" },
        { "hangs unseen", "held_before_server", "never reached" },
        { "hangs seen", "upgraded_but_silent", "no frame came back" },
        { "hangs stripped", "upgrade_stripped", "without its Upgrade header" },
        { "another backend", "wrong_backend", "another backend" },
        { "an old server", "wrong_backend", "X-Tieline" },
    };

    [Theory, MemberData(nameof(Causes))]
    public async Task A_cause_has_its_code_and_its_remedy(string cause, string code, string remedy)
    {
        await using var test = new ClientFixture();
        test.Server["ws"] = cause switch
        {
            "426 of Tieline" => Behaviour.Error(426, "upgrade_required", false),
            "404 of nginx" => Behaviour.Status(404),
            "403 of Tieline" => Behaviour.Error(403, "forbidden", false),
            "301" => Behaviour.Status(301, "Location: https://elsewhere.example/\r\n"),
            "503" => Behaviour.Status(503, "Retry-After: 7\r\n"),
            "reset" => Behaviour.Reset,
            "bad accept" => Behaviour.BadAccept,
            "another backend" or "an old server" => Behaviour.Status(404),
            _ => Behaviour.Hang,
        };
        if (cause == "hangs seen") test.Server["attempt"] = new Behaviour(Way.Status, 200, "{\"saw\":{\"headers\":{\"upgrade\":\"websocket\"}}}", true);
        if (cause == "hangs stripped") test.Server["attempt"] = new Behaviour(Way.Status, 200, "{\"saw\":{\"upgradeEvent\":false,\"headers\":{\"connection\":\"close\"}}}", true);
        if (cause == "another backend") test.Server["test"] = Behaviour.Status(404);
        if (cause == "an old server") test.Server["test"] = new Behaviour(Way.Status, 200, "{\"message\":\"Chat router is working\",\"status\":\"ok\"}");
        var client = test.Open();
        client.Connect();
        await test.Until(() => test.Server.Count("ws") == 1, "the handshake");
        if (cause.StartsWith("hangs", StringComparison.Ordinal)) test.Clock.Advance(TimeSpan.FromSeconds(1.5));
        var expected = code == "forbidden_or_refused" ? "refused_403" : code;
        await test.Until(() => client.Status.Diagnosis?.Code == expected, expected);
        await test.Until(() => client.Status.Diagnosis!.OperatorText.Contains(remedy, StringComparison.Ordinal), remedy);
        client.Status.Diagnosis!.UserText.ShouldNotContain("1006");
        client.Status.Diagnosis.OperatorText.ShouldEndWith(".");
    }

    [Fact]
    public async Task Nobody_listening_is_offline()
    {
        await using var test = new ClientFixture();
        await test.Server.StopAsync();
        var client = test.Open();
        client.Connect();
        await test.Until(() => client.Status is { State: ConnectionState.Offline, Diagnosis.Code: "offline" }, "offline");
        client.Status.Diagnosis!.UserText.ShouldBe("No connection. Your message will be sent when you are back.");
        client.Status.Diagnosis.OperatorText.ShouldContain("ConnectionRefused");
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_offline()
    {
        await using var test = new ClientFixture();
        await using var client = new ChatClient("http://no-such-host.invalid", "ada", new ChatClientOptions { Time = test.Clock, WatchNetwork = false });
        client.Connect();
        await test.Until(() => client.Status.Diagnosis?.Code == "offline", "offline");
    }

    [Fact]
    public async Task A_server_without_TLS_behind_an_https_address_is_a_TLS_problem()
    {
        await using var test = new ClientFixture();
        using var plain = new TcpListener(IPAddress.Loopback, 0);
        plain.Start();
        var answering = AnswerPlainlyAsync(plain);
        await using var client = new ChatClient($"https://127.0.0.1:{((IPEndPoint)plain.LocalEndpoint).Port}", "ada", new ChatClientOptions { Time = test.Clock, WatchNetwork = false });
        client.Connect();
        await test.Until(() => client.Status.Diagnosis?.Code == "tls", "tls");
        client.Status.Diagnosis!.OperatorText.ShouldContain("certificate");
        plain.Stop();
        await answering;
    }

    [Fact]
    public async Task The_same_failure_is_looked_into_and_reported_once()
    {
        await using var test = new ClientFixture();
        foreach (var path in new[] { "ws", "stream", "sync" }) test.Server[path] = Behaviour.Status(502);
        var client = test.Open();
        client.Connect();
        await test.Until(() => test.Server.Count("report") == 1, "the report");
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            await test.Until(() => client.Status.State == ConnectionState.Offline && test.Server.Count("sync") == attempt, "the end of an attempt");
            test.Clock.Advance(client.Status.RetryAt!.Value - test.Clock.GetUtcNow());
        }

        test.Server.Count("test").ShouldBe(1);
        test.Server.Count("report").ShouldBe(1);
        client.Status.Diagnosis!.Code.ShouldBe("refused_before_server");
    }

    [Fact]
    public async Task Reports_can_be_switched_off()
    {
        await using var test = new ClientFixture();
        test.Server["ws"] = Behaviour.Status(502);
        var client = test.Open(options => options with { Report = false });
        client.Connect();
        await test.Until(() => test.Log.Any(line => line.StartsWith("diagnosis", StringComparison.Ordinal)), "diagnosis");
        test.Server.Count("report").ShouldBe(0);
    }

    [Fact]
    public async Task A_working_socket_has_no_diagnosis()
    {
        await using var test = new ClientFixture();
        var client = await test.OnlineAsync();
        client.Status.Diagnosis.ShouldBeNull();
        test.Server.Count("test").ShouldBe(0);
    }

    private static async Task AnswerPlainlyAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped, while it waited or between two clients.
        }
    }
}
