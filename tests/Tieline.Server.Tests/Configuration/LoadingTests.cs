using System.Collections;
using Tieline.Server.Configuration;

namespace Tieline.Server.Tests.Configuration;

/// <summary>Settings come from file, environment and flags, in rising order; what is wrong is told all at once.</summary>
public sealed class LoadingTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"tieline-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Without_anything_the_defaults_hold() => ConfigurationLoader.Load(null, new Hashtable(), []).ShouldBe(new TielineOptions());

    [Fact]
    public void A_flag_wins_over_a_variable_and_a_variable_over_the_file()
    {
        var options = Load("""{"node":"file","ping_s":11,"log_days":7}""", [("TIELINE_NODE", "variable"), ("TIELINE_PING_S", "12")], [("node", "flag")]);

        (options.Node, options.PingSeconds, options.LogDays).ShouldBe(("flag", 12, 7));
    }

    [Fact]
    public void Every_setting_can_be_given_in_all_three_places()
    {
        foreach (var setting in Settings.All)
        {
            var value = Other(setting);
            // External accounts need a key to be checked with, a bucket one to be opened with, a bus and replicas a store that is shared.
            (string, string)[] key = setting.Name switch { "accounts" => [("TIELINE_JWKS", "keys.json")], "files" => [("TIELINE_FILES_KEY", "k"), ("TIELINE_FILES_SECRET", "s")], "bus" or "replicas" => [("TIELINE_STORE", "postgres://db/chat")], _ => [] };
            setting.Show(Load($"{{\"{setting.Name}\":\"{value}\"}}", key, [])).ShouldBe(value, setting.Name);
            setting.Show(Load("{}", [(setting.Variable, value), .. key], [])).ShouldBe(value, setting.Variable);
            setting.Show(Load("{}", key, [(setting.Name, value)])).ShouldBe(value, setting.Flag);
        }
    }

    [Fact]
    public void The_file_takes_strings_numbers_booleans_comments_and_trailing_commas()
    {
        var options = Load("""
            {
              // for the tests
              "ping_s": 30, "people_prefix": true, "log_days": "5", /* the last */ "log_format": "json",
            }
            """, [], []);

        (options.PingSeconds, options.PeoplePrefix, options.LogDays, options.LogFormat).ShouldBe((30, true, 5, LogFormat.Json));
    }

    [Theory]
    [InlineData("postgre://ada:hunter2hunter2@db/chat")]
    [InlineData("postgres://ada:hunter2hunter2@db")]
    public void A_mistyped_address_does_not_show_its_password(string store) =>
        Problems("{}", [], [("store", store)]).ShouldHaveSingleItem().ShouldNotContain("hunter2");

    [Theory]
    [InlineData("redis:/:hunter2hunter2@db", "--bus: bus must be none or an address such as redis://:password@host:6379, rediss:// with TLS.")]
    [InlineData("redis://hunter2hunter2@db", "--bus: bus has a user without a password: redis://user:password@host, or redis://:password@host.")]
    [InlineData("redis://:hunter2hunter2@db:x", "--bus: bus has a port that is no number from 1 to 65535.")]
    [InlineData("redis://:hunter2hunter2@db/one", "--bus: bus has a database that is no number: redis://host:6379/0.")]
    [InlineData("redis://:hunter2hunter2", "--bus: bus must be none or an address such as redis://:password@host:6379, rediss:// with TLS.")]
    [InlineData("redis://:hunter2hunter2@d b", "--bus: bus must be none or an address such as redis://:password@host:6379, rediss:// with TLS.")]
    [InlineData("redis://:hunter2hunter2@db?hunter2=1", "--bus: bus has an unknown parameter; known are sslrootcert and, for sentinels, sentinel_password (a ? in a password is %3F).")]
    [InlineData("redis://:a?hunter2hunter2@db", "--bus: bus has an unknown parameter; known are sslrootcert and, for sentinels, sentinel_password (a ? in a password is %3F).")]
    [InlineData("redis://:hunter2hunter2@db?sslrootcert=/x.pem", "--bus: bus has sslrootcert without TLS: rediss:// or rediss+sentinel://.")]
    [InlineData("redis+sentinel://:hunter2hunter2@s1,s2", "--bus: bus has no service name: redis+sentinel://:password@host:26379,host:26379/mymaster.")]
    [InlineData("redis+sentinel://:hunter2hunter2@s1,s2/mymaster/one", "--bus: bus has a database that is no number: redis://host:6379/0.")]
    public void A_bus_that_cannot_be_is_said_without_its_password(string bus, string problem)
    {
        Problems("{}", [], [("store", "postgres://db/chat"), ("bus", bus)]).ShouldBe([problem]);
        problem.ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData("redis://:hunter2@db:7000,db2/3", "redis://:...@db:7000,db2/3")]
    [InlineData("rediss://ada:hunter2@[::1]:7000", "rediss://ada:...@[::1]:7000")]
    [InlineData("redis+sentinel://:hunter2@s1:26379,s2/mymaster?sentinel_password=hunter2%40x", "redis+sentinel://:...@s1:26379,s2/mymaster?sentinel_password=...")]
    [InlineData("redis+sentinel://s1/mymaster/3?sentinel_password=hunter2", "redis+sentinel://s1/mymaster/3?sentinel_password=...")]
    [InlineData("redis://db", "redis://db")]
    [InlineData("none", "none")]
    public void A_bus_is_shown_without_its_password(string bus, string shown) =>
        Settings.Find("bus")!.Show(Load("{}", [], [("store", "postgres://db/chat"), ("bus", bus)])).ShouldBe(shown);

    [Fact]
    public void A_bus_beside_SQLite_is_told_to_be_of_no_use() =>
        Problems("{}", [], [("bus", "redis://db")]).ShouldHaveSingleItem().ShouldContain("postgres://");

    [Fact]
    public void Replicas_beside_SQLite_are_told_to_be_of_no_use() =>
        Problems("{}", [], [("replicas", "postgres://db/chat")]).ShouldHaveSingleItem().ShouldContain("postgres://");

    [Theory]
    [InlineData("postgres://ada:hunter2@db1,db2/chat, postgresql://bob:hunter2@db3/chat?sslmode=require", "postgres://ada:...@db1,db2/chat,postgresql://bob:...@db3/chat?sslmode=require")]
    [InlineData("none", "none")]
    public void Replicas_are_shown_without_their_passwords(string replicas, string shown) =>
        Settings.Find("replicas")!.Show(Load("{}", [], [("store", "postgres://db/chat"), ("replicas", replicas)])).ShouldBe(shown);

    [Theory]
    [InlineData("db:hunter2@x", "--replicas: replicas must be an address such as postgres://user:password@host/database")]
    [InlineData("postgres://db/chat,postgres://ada:hunter2@db", "--replicas: replicas must name a database: postgres://user:password@host/database")]
    public void A_replica_that_cannot_be_is_said_without_its_password(string replicas, string problem)
    {
        var said = Problems("{}", [], [("store", "postgres://db/chat"), ("replicas", replicas)]).ShouldHaveSingleItem();
        said.ShouldStartWith(problem);
        said.ShouldNotContain("hunter2");
    }

    [Fact]
    public void All_problems_are_told_at_once_with_place_value_and_fix()
    {
        var problems = Problems("""{"pingg_s":20,"ping_s":0,"accounts":"mine","people_prefix":"yes","log_days":{},"listen":"https://x"}""",
            [("TIELINE_JWT_SECRE", "x"), ("TIELINE_JWT_SECRET", "short"), ("TIELINE_ORIGINS", "app.example")], [("node", "no blanks"), ("trusted_proxies", "10.0.0.0/40")]);

        problems.ShouldBe(
        [
            $"{_file}: log_days must be a string, a number, true or false.",
            "TIELINE_JWT_SECRE: there is no such setting. Did you mean jwt_secret?",
            $"{_file}: there is no setting pingg_s. Did you mean ping_s?",
            $"{_file}: ping_s must be a whole number from 1 to 300, not \"0\".",
            $"{_file}: accounts must be builtin or external, not \"mine\".",
            $"{_file}: people_prefix must be true or false, not \"yes\".",
            $"{_file}: listen must be an address such as http://127.0.0.1:8000 (TLS is the proxy's: see tieline proxy nginx), not \"https://x\".",
            "TIELINE_JWT_SECRET: jwt_secret is too short: 5 bytes, at least 32 are needed. `openssl rand -base64 48` makes a good one.",
            "TIELINE_ORIGINS: origins must be * or a list of origins such as https://app.example, without a path, not \"app.example\".",
            "--node: node must be 1 to 32 letters, digits, dots or dashes, not \"no blanks\".",
            "--trusted-proxies: trusted_proxies must be a list of addresses or networks such as 127.0.0.1,10.0.0.0/8, not \"10.0.0.0/40\".",
        ], ignoreOrder: true);
    }

    [Theory]
    [InlineData("listen", "http://0.0.0.0:80/path")]
    [InlineData("listen", "8000")]
    [InlineData("node", "")]
    [InlineData("jwks", "http://keys.example/jwks")]
    [InlineData("jwks", "ftp://keys.example/jwks")]
    [InlineData("authority", "http://login.example")]
    [InlineData("authority", "login.example")]
    [InlineData("origins", "https://app.example/")]
    [InlineData("origins", "https://app.example,nonsense")]
    [InlineData("operator_token", "short")]
    [InlineData("ping_s", "20s")]
    [InlineData("ping_s", "301")]
    [InlineData("frame_bytes", "1023")]
    [InlineData("sends_per_s", "-1")]
    [InlineData("log_format", "JSON")]
    [InlineData("unknown_accounts", "0")]
    public void A_bad_value_is_refused_by_name(string name, string value)
    {
        var problem = Problems("{}", [], [(name, value)]).ShouldHaveSingleItem();

        problem.ShouldStartWith($"--{name.Replace('_', '-')}: {name} must ");
    }

    [Theory]
    [InlineData("jwks", "https://keys.example/jwks")]
    [InlineData("jwks", "http://127.0.0.1:9000/jwks")]
    [InlineData("jwks", "/etc/tieline/keys.json")]
    [InlineData("authority", "http://localhost:9000")]
    [InlineData("authority", "https://login.example/tenant/v2.0")]
    [InlineData("origins", "https://app.example,http://localhost:5173")]
    [InlineData("trusted_proxies", "10.0.0.0/8,::1,192.0.2.7")]
    [InlineData("trusted_proxies", "")]
    [InlineData("listen", "http://[::1]:8000")]
    public void A_good_value_is_taken(string name, string value) => Settings.Find(name)!.Show(Load("{}", [], [(name, value)])).ShouldBe(value);

    [Theory]
    [InlineData("{", "is not valid JSON, line 1.")]
    [InlineData("{\n\"node\": n1}", "is not valid JSON, line 2.")]
    [InlineData("[]", "must hold one JSON object.")]
    public void A_file_that_is_no_configuration_is_told(string text, string why) => Problems(text, [], []).ShouldBe([$"{_file}: {why}"]);

    [Fact]
    public void A_file_that_is_named_must_be_there() =>
        Should.Throw<ConfigurationException>(() => ConfigurationLoader.Load(_file + ".none", new Hashtable(), [])).Problems.ShouldBe([$"{_file}.none: there is no such file."]);

    [Fact]
    public void Two_secrets_and_no_key_are_told()
    {
        Problems("{}", [("TIELINE_JWT_SECRET", Running.RunningServer.Secret), ("TIELINE_JWT_SECRET_FILE", "x")], []).ShouldBe(["jwt_secret and jwt_secret_file are both set; give one of them."]);
        Problems("""{"accounts":"external"}""", [], []).ShouldBe(["accounts is external, but no key is given: set jwt_secret_file, jwks or authority."]);
    }

    [Fact]
    public void Other_variables_are_left_alone() =>
        Load("{}", [("TIELINE_TOKEN", "x"), ("TIELINE_PASSWORD", "x"), ("TIELINE_CONFIG", "x"), ("PATH", "/bin"), ("tieline_node", "x")], []).ShouldBe(new TielineOptions());

    [Fact]
    public void Options_never_print_a_secret() => new TielineOptions { JwtSecret = "the-secret", OperatorToken = "the-token" }.ToString().ShouldNotContain("the-");

    /// <summary>A good value that is not the default.</summary>
    private static string Other(Setting setting) => setting.Name switch
    {
        "listen" => "http://127.0.0.1:9",
        "jwt_secret" => Running.RunningServer.Secret,
        "accounts" => "external",
        "unknown_accounts" => "create",
        "authority" or "origins" => "https://login.example",
        "trusted_proxies" => "10.0.0.0/8",
        "operator_token" => "a-token-of-the-operator",
        "people_prefix" => "true",
        "store" => "postgres://tieline@db.example/chat",
        "store_prepare" => "false",
        "replicas" => "postgres://tieline@replica.example/chat",
        "bus" => "redis://bus.example",
        "log_format" => "json",
        "edit_window" => "unlimited",
        "files" => "s3://bucket-of-files/prefix?endpoint=http://127.0.0.1:9",
        "requests" => "on",
        var name when setting.Allowed.Contains(" to ", StringComparison.Ordinal) && int.TryParse(setting.Show(new TielineOptions()), out var number) => name == "drain_s" ? "9" : $"{number + 1}",
        _ => "other",
    };

    private TielineOptions Load(string file, (string Name, string Value)[] environment, (string Name, string Value)[] flags)
    {
        File.WriteAllText(_file, file);
        var variables = new Hashtable();
        foreach (var (name, value) in environment) variables[name] = value;
        return ConfigurationLoader.Load(_file, variables, flags.Select(flag => KeyValuePair.Create(flag.Name, flag.Value)));
    }

    private IReadOnlyList<string> Problems(string file, (string, string)[] environment, (string, string)[] flags) =>
        Should.Throw<ConfigurationException>(() => Load(file, environment, flags)).Problems;
}
