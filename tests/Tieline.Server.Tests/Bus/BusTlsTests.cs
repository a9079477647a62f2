using System.Globalization;
using Tieline.Server.Configuration;
using Tieline.Server.Tests.Postgres;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Bus;

/// <summary>Redis over TLS with an authority of one's own, as a user who may do no more than he must.</summary>
public sealed class BusTlsTests(PostgresCluster cluster) : TwoNodes(cluster)
{
    private const string UserPassword = "p@ss/w:rd?%1";

    private readonly RedisCertificates _certificates = new();
    private int _port;

    private string AddressWith(string query) =>
        string.Create(CultureInfo.InvariantCulture, $"rediss://chat:{Uri.EscapeDataString(UserPassword)}@127.0.0.1:{_port}{query}");

    [Fact]
    public async Task Everything_crosses_over_TLS_and_no_secret_is_seen()
    {
        await using var ada = await Ada.OpenAsync();
        await using var bob = await Bob.OpenAsync();
        await ChatAsync(bob, 0, 10, TimeSpan.FromSeconds(0.5));
        await ada.SendAsync(new { type = "typing", conversation = Chat });
        await bob.ReadUntilAsync("typing");
        await ada.SendAsync(new { type = "watch", users = new[] { "bob" } });
        await ada.ReadUntilAsync(Is("presence", "online", true));
        await OpenOnceAsync();

        // It is encrypted indeed: the same port speaks nothing else.
        await Should.ThrowAsync<StackExchange.Redis.RedisConnectionException>(() => StackExchange.Redis.ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{_port},connectTimeout=500,connectRetry=1"));
        await Redis.KillAsync();
        await AwayAsync(One, Two);
        await ChatAsync(bob, 10, 2, TimeSpan.FromSeconds(2));
        await Redis.StartAsync();
        await ThereAsync(One, Two);
        await ChatAsync(bob, 12, 3, TimeSpan.FromSeconds(1));
        foreach (var node in (RunningServer[])[One, Two])
        {
            node.Log.Text.ShouldContain("rediss://chat:...@127.0.0.1");
            foreach (var secret in (string[])[UserPassword, Uri.EscapeDataString(UserPassword)])
            {
                node.Log.Text.ShouldNotContain(secret);
                Settings.Find("bus")!.Show(node.Chat.Options)!.ShouldNotContain(secret);
            }
        }
    }

    [Fact]
    public async Task An_authority_that_is_not_named_or_another_one_is_not_trusted_and_a_wrong_password_is_told_without_it()
    {
        using var others = new RedisCertificates();
        var wrong = await Task.WhenAll(
            StartAsync("none", AddressWith("")),
            StartAsync("other", AddressWith($"?sslrootcert={others.Authority}")),
            StartAsync("name", AddressWith($"?sslrootcert={_certificates.Authority}").Replace("127.0.0.1", "localhost", StringComparison.Ordinal)),
            StartAsync("user", AddressWith($"?sslrootcert={_certificates.Authority}").Replace("chat:", "chat:1", StringComparison.Ordinal)));
        try
        {
            // Each says that it is away, after the seconds in which a right one is found (as the other test shows), and is never there.
            await UntilAsync(() => wrong.All(node => node.Log.All.Any(line => line.Id == 330)));
            foreach (var node in wrong)
            {
                node.Log.All.ShouldNotContain(line => line.Id == 332);
                node.Log.Text.ShouldNotContain(UserPassword);
            }
        }
        finally
        {
            foreach (var node in wrong) await node.DisposeAsync();
        }
    }

    private protected override async Task<string> StartBusAsync()
    {
        _port = RedisServer.FreePort();
        Redis = await RedisServer.StartAsync([.. _certificates.Options(_port), "--user", "chat", "on", $">{UserPassword}", "~tieline:*", "&tieline:*", "+@all", "-@admin", "-@dangerous"]);
        return AddressWith($"?sslrootcert={_certificates.Authority}");
    }

    private protected override async Task StopBusAsync()
    {
        await base.StopBusAsync();
        _certificates.Dispose();
    }
}
