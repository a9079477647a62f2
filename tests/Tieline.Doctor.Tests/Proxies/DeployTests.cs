using System.Runtime.CompilerServices;
using Tieline.Doctor.Proxies;

namespace Tieline.Doctor.Tests.Proxies;

public sealed class DeployTests
{
    public static TheoryData<string> Names => [.. ProxyTemplate.All.Select(t => t.Name)];

    /// <summary>The values of the files under deploy/: what somebody edits first.</summary>
    internal static ProxySite Example => new()
    {
        Domain = "chat.example.org",
        Upstream = "127.0.0.1:8000",
        Certificate = "/etc/letsencrypt/live/chat.example.org/fullchain.pem",
        Key = "/etc/letsencrypt/live/chat.example.org/privkey.pem",
    };

    [Theory, MemberData(nameof(Names))]
    public void The_file_under_deploy_is_what_the_command_prints(string name)
    {
        var template = ProxyTemplate.Find(name)!;
        var path = Path.Combine(Root(), "deploy", name, template.FileName);
        if (Environment.GetEnvironmentVariable("TIELINE_RENDER") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, template.Render(Example));
        }
        File.ReadAllText(path).ShouldBe(template.Render(Example));
    }

    public static TheoryData<string> NamesForNodes => [.. ProxyTemplate.All.Where(t => t.NodesFileName is not null).Select(t => t.Name)];

    [Theory, MemberData(nameof(NamesForNodes))]
    public void The_file_for_several_nodes_is_what_the_command_prints_and_passes_the_check(string name)
    {
        var template = ProxyTemplate.Find(name)!;
        var path = Path.Combine(Root(), "deploy", name, template.NodesFileName!);
        var text = template.Render(Example with { Upstream = "10.0.0.11:8000", Others = ["10.0.0.12:8000", "10.0.0.13:8000"] });
        if (Environment.GetEnvironmentVariable("TIELINE_RENDER") == "1") File.WriteAllText(path, text);
        File.ReadAllText(path).ShouldBe(text);

        var result = Configuration.Lint.Check(new Configuration.ConfigText(path, text), "chat.example.org", 443, "/api/chat/ws/bob");
        result.ShouldNotBeNull();
        result.Value.Clues.ShouldBeEmpty();
    }

    internal static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
