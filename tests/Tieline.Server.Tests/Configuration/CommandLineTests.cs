using System.Text.RegularExpressions;
using Tieline.Server.Tests.Accounts;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Configuration;

/// <summary>The commands around configuration and accounts, as a process.</summary>
public sealed partial class CommandLineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tieline-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Config_prints_what_holds_and_no_secret()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "tieline.json"), """{"node":"from-file","ping_s":11}""");

        var (code, output, error) = await Executable.RunAsync(_folder, [("TIELINE_JWT_SECRET", RunningServer.Secret), ("TIELINE_OPERATOR_TOKEN", "a-token-of-the-operator"), ("TIELINE_LOG_DAYS", "7")],
            "config", "--ping-s", "12");

        (code, error).ShouldBe((0, ""));
        var lines = output.Split('\n');
        foreach (var line in (string[])["node = from-file", "ping_s = 12", "log_days = 7", "listen = http://127.0.0.1:8000", "jwt_secret = (set, not shown)", "operator_token = (set, not shown)", "jwks = (not set)"])
            lines.ShouldContain(line);
        output.ShouldNotContain(RunningServer.Secret);
        output.ShouldNotContain("a-token-of-the-operator");
    }

    [Fact]
    public async Task Config_tells_all_problems_and_ends_with_2()
    {
        var (code, output, error) = await Executable.RunAsync(_folder, [("TIELINE_NODDE", "x")], "config", "--ping-s", "0", "--log-format", "xml");

        (code, output).ShouldBe((2, ""));
        error.ShouldBe("tieline: TIELINE_NODDE: there is no such setting. Did you mean node?\n"
            + "tieline: --ping-s: ping_s must be a whole number from 1 to 300, not \"0\".\n"
            + "tieline: --log-format: log_format must be text or json, not \"xml\".\n");
    }

    [Fact]
    public async Task A_secret_has_no_flag()
    {
        var (code, _, error) = await Executable.RunAsync(_folder, [], "config", "--jwt-secret", RunningServer.Secret);

        code.ShouldNotBe(0);
        error.ShouldContain("Unrecognized command or argument '--jwt-secret'");
    }

    [Fact]
    public async Task The_settings_page_of_the_docs_is_what_the_command_prints()
    {
        var (code, output, _) = await Executable.RunAsync(_folder, [], "config", "--reference");

        code.ShouldBe(0);
        output.ShouldBe(await File.ReadAllTextAsync(Path.Combine(Repository(), "docs", "settings.md")), "docs/settings.md is made by: tieline config --reference > docs/settings.md");
    }

    [Fact]
    public async Task A_second_server_is_kept_out_of_a_data_folder()
    {
        using var first = Executable.Start(_folder, [], "serve", "--listen", "http://127.0.0.1:0");
        try
        {
            (await first.StandardOutput.ReadLineAsync()).ShouldNotBeNull().ShouldStartWith("Tieline listens on ");

            var (code, _, error) = await Executable.RunAsync(_folder, [], "serve", "--listen", "http://127.0.0.1:0");

            (code, error).ShouldBe((2, "tieline: data: another Tieline is running on the folder ./data. Stop it, or give this one another folder with --data.\n"));
        }
        finally
        {
            first.Kill();
        }
    }

    [Fact]
    public async Task Accounts_are_added_imported_and_given_tokens_while_the_server_runs()
    {
        using var server = Executable.Start(_folder, [], "serve", "--listen", "http://127.0.0.1:0");
        try
        {
            var address = Address().Match((await server.StandardOutput.ReadLineAsync())!).Value;
            using var http = new HttpClient { BaseAddress = new Uri(address) };

            var added = await Executable.RunAsync(_folder, [("TIELINE_PASSWORD", "correct horse")], "user", "add", "--email", "Ada@example.org", "--name", "Ada", "--id", "u_1", "--username", "ada", "--account-type", "chef");
            (added.Code, added.Out, added.Error).ShouldBe((0, "u_1\n", ""));
            await File.WriteAllTextAsync(Path.Combine(_folder, "users.jsonl"),
                "{\"id\":7,\"email\":\"bob@example.org\",\"full_name\":\"Bob\",\"profile_picture\":\"b.png\"}\n\n{\"id\":\"u_1\",\"email\":\"ada@example.org\",\"name\":\"Ada L.\"}\nnonsense\n{\"id\":\"u_3\"}\n{\"id\":\"bad id\",\"name\":\"X\"}\n{\"id\":\"u_4\",\"email\":\"bob@example.org\",\"name\":\"X\"}\n");
            var imported = await Executable.RunAsync(_folder, [], "user", "import", "users.jsonl");
            imported.Code.ShouldBe(1);
            imported.Out.ShouldBe("2 imported, 4 refused\n");
            imported.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(':')[1].Trim()).ShouldBe(["line 4", "line 5", "line 6", "line 7"]);

            // Imported without a password: the one that was set stays.
            using var login = await http.PostAsync("/api/auth/login", new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = "ada@example.org", ["password"] = "correct horse" }));
            login.IsSuccessStatusCode.ShouldBeTrue(await login.Content.ReadAsStringAsync());
            var token = await Executable.RunAsync(_folder, [], "token", "--email", "BOB@example.org");
            token.Code.ShouldBe(0);
            Jwt.Read(token.Out.Trim()).Payload.GetProperty("sub").GetString().ShouldBe("bob@example.org");
            http.DefaultRequestHeaders.Authorization = new("Bearer", token.Out.Trim());
            (await http.GetStringAsync("/api/auth/me")).ShouldBe("""{"id":"7","email":"bob@example.org","full_name":"Bob","username":null,"profile_picture":"b.png","account_type":null}""");
            (await http.GetStringAsync("/api/chat/people/u_1")).ShouldContain("\"name\":\"Ada L.\"");
        }
        finally
        {
            server.Kill();
        }
    }

    [Theory]
    [InlineData("user add --email x --name X", "That is not an e-mail address.")]
    [InlineData("user add --email x@example.org --name X --id me", "id must be 1 to 128")]
    [InlineData("user import nothing.jsonl", "nothing.jsonl")]
    [InlineData("token --email nobody", "--email: That is not an e-mail address.")]
    public async Task What_a_command_cannot_do_it_tells_in_one_line(string arguments, string why)
    {
        var (code, output, error) = await Executable.RunAsync(_folder, [], arguments.Split(' '));

        (code, output).ShouldBe((2, ""));
        error.ShouldStartWith("tieline: ");
        error.ShouldContain(why);
        error.TrimEnd().Split('\n').Length.ShouldBe(1, error);
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Tieline.slnx"))) folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex(@"http://[\d.:]+")]
    private static partial Regex Address();
}
