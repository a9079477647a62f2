using System.Runtime.CompilerServices;

namespace Tieline.Client.Tests.Running;

/// <summary><c>tieline chat</c> and the example, as somebody runs them.</summary>
public sealed class ConsoleTests(SharedServer shared) : IClassFixture<SharedServer>
{
    [Fact]
    public async Task Two_terminals_chat_and_see_what_became_of_their_messages()
    {
        await using var server = await RealServer.StartAsync();
        await server.AddAsync("ada");
        await server.AddAsync("bob");
        await using var ada = Program.Tieline("chat", server.Url, "--as", "ada@example.org", "--with", "bob@example.org");
        await ada.WriteAsync(RealServer.Password("ada"));
        await ada.SeesAsync("online by WebSocket");
        await ada.WriteAsync("hello");
        await ada.SeesAsync("you: hello  [sent]");

        await using var bob = Program.Tieline("chat", server.Url, "--as", "bob@example.org", "--with", "ada");
        await bob.WriteAsync(RealServer.Password("bob"));
        await bob.SeesAsync("ada: hello");
        await ada.SeesAsync("read up to: hello");
        await bob.WriteAsync("hi");
        await ada.SeesAsync("bob: hi");

        await server.KillAsync();
        await ada.SeesAsync("offline, next try in");
        await ada.WriteAsync("while you were away");
        await server.RunAsync();
        await bob.SeesAsync("ada: while you were away");
        await bob.WriteAsync("/quit");
        ada.EndInput();
        await Task.WhenAll(ada.ExitsAsync(), bob.ExitsAsync());
        (ada.ExitCode, bob.ExitCode).ShouldBe((0, 0));
        ada.Lines.Concat(bob.Lines).ShouldAllBe(line => !line.Contains("correct horse", StringComparison.Ordinal) && !line.Contains('\e'));
    }

    [Theory]
    [InlineData("dora", "wrong", "bob@example.org", "Not signed in")]
    [InlineData("emil", null, "nobody@example.org", "Nobody is known here")]
    public async Task What_cannot_work_is_said(string self, string? password, string other, string says)
    {
        var server = shared.Server;
        await server.AddAsync(self);
        await using var chat = Program.Tieline("chat", server.Url, "--as", $"{self}@example.org", "--with", other);
        await chat.WriteAsync(password ?? RealServer.Password(self));
        await chat.SeesAsync(says);
        await chat.ExitsAsync();
        chat.ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task The_example_runs()
    {
        var server = shared.Server;
        var (ada, bob) = (await server.AddAsync("fritz"), await server.AddAsync("gina"));
        await using var example = Program.Start("dotnet-example", "dotnet-example.dll", [("TIELINE_TOKEN", ada.Token)], server.Url, bob.Id);
        await example.SeesAsync("(online by WebSocket)");
        await example.WriteAsync("hello");
        await example.SeesAsync("(stored as number 1)");
        await using var bobs = new ChatClient(server.Url, bob.Token);
        await bobs.With(ada.Id).SendAsync("hi");
        await example.SeesAsync("them: hi");
        await example.WriteAsync("");
        await example.ExitsAsync();
        example.ExitCode.ShouldBe(0);
        example.Lines.ShouldContain("me: hello");
    }

    [Fact]
    public void The_README_shows_the_example_as_it_is()
    {
        var root = Root();
        var example = File.ReadAllText(Path.Combine(root, "clients", "dotnet-example", "Program.cs")).TrimEnd();
        File.ReadAllText(Path.Combine(root, "src", "Tieline.Client", "README.md")).ShouldContain(example);
    }

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
