using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tieline.EndToEnd.Tests.Running;
using Tieline.Server.Configuration;
using Command = Tieline.EndToEnd.Tests.Running.Command;

namespace Tieline.EndToEnd.Tests.Service;

/// <summary>Where neither Docker nor Kubernetes is, nothing of theirs is run: what the files say of Tieline is compared with what it is, and the command in them is run by itself.</summary>
public sealed partial class ContainerFilesTests
{
    private const string Data = "/var/lib/tieline";

    private static string DockerfilePath => Repository.File("deploy", "container", "Dockerfile");

    [Fact]
    public async Task Every_setting_in_them_is_one_and_its_value_is_allowed()
    {
        var (compose, pod) = (await ComposeAsync(), await PodAsync());
        var variables = compose.GetProperty("environment").EnumerateObject().Select(variable => (variable.Name, Value: variable.Value.GetString()!))
            .Concat(pod.GetProperty("containers")[0].GetProperty("env").EnumerateArray().Select(variable => (Name: variable.GetProperty("name").GetString()!, Value: variable.GetProperty("value").GetString()!))).ToList();
        variables.ShouldNotBeEmpty();
        foreach (var (name, value) in variables) Accept(Settings.All.SingleOrDefault(setting => setting.Variable == name), name, value);

        foreach (var words in (IReadOnlyList<string>[])[await DockerCommandAsync(), ArgumentsOf(pod)])
        {
            words[0].ShouldBe("serve");
            words.Count.ShouldBe(5);
            for (var at = 1; at < words.Count; at += 2) Accept(Settings.All.SingleOrDefault(setting => setting.Flag == words[at]), words[at], words[at + 1]);
        }
    }

    [Fact]
    public async Task They_agree_on_port_data_image_user_and_time_to_stop()
    {
        var (compose, pod) = (await ComposeAsync(), await PodAsync());
        var (container, docker) = (pod.GetProperty("containers")[0], await File.ReadAllTextAsync(DockerfilePath));
        var image = container.GetProperty("image").GetString()!;
        image.ShouldBe(compose.GetProperty("image").GetString());
        image.ShouldBe($"tieline:{Version().Match(await File.ReadAllTextAsync(Repository.File("Directory.Build.props"))).Groups[1].Value}");
        docker.ShouldContain($"-t {image} ");

        foreach (var words in (IReadOnlyList<string>[])[await DockerCommandAsync(), ArgumentsOf(pod)])
        {
            words[words.ToList().IndexOf("--data") + 1].ShouldBe(Data);
            words[words.ToList().IndexOf("--listen") + 1].ShouldBe("http://0.0.0.0:8000");
        }

        docker.ShouldContain("EXPOSE 8000\n");
        docker.ShouldContain($"VOLUME {Data}\n");
        compose.GetProperty("ports")[0].GetString().ShouldBe("127.0.0.1:8000:8000");
        compose.GetProperty("volumes")[0].GetString().ShouldBe($"tieline:{Data}");
        container.GetProperty("ports")[0].GetProperty("containerPort").GetInt32().ShouldBe(8000);
        container.GetProperty("volumeMounts").EnumerateArray().Select(mount => mount.GetProperty("mountPath").GetString()).ShouldBe([Data, "/tmp"], ignoreOrder: true);
        // The package makes that folder for that user.
        var postinst = await File.ReadAllTextAsync(Repository.File("deploy", "debian", "postinst"));
        postinst.ShouldContain($"mkdir -p \"$root{Data}\"");
        UserIn().Match(docker).Groups[1].Value.ShouldBe("tieline");
        postinst.ShouldContain("Tieline chat server' tieline");

        var drain = new TielineOptions().DrainSeconds;
        pod.GetProperty("terminationGracePeriodSeconds").GetInt32().ShouldBeGreaterThan(drain + 1);
        int.Parse(compose.GetProperty("stop_grace_period").GetString()!.TrimEnd('s'), CultureInfo.InvariantCulture).ShouldBeGreaterThan(drain + 1);
    }

    [Fact]
    public async Task What_they_name_is_there_and_one_names_the_other()
    {
        var build = (await ComposeAsync()).GetProperty("build");
        var context = Path.GetFullPath(Repository.File("deploy", build.GetProperty("context").GetString()!));
        context.ShouldBe(Repository.File("out"), "make deb leaves the package there");
        Path.GetFullPath(Path.Combine(context, build.GetProperty("dockerfile").GetString()!)).ShouldBe(DockerfilePath);
        CopyIn().Match(await File.ReadAllTextAsync(DockerfilePath)).Groups[1].Value.ShouldBe("tieline_*_amd64.deb");

        var parts = await KubernetesAsync();
        var (service, set) = (parts.Single(part => KindOf(part) == "Service"), parts.Single(part => KindOf(part) == "StatefulSet").GetProperty("spec"));
        var labels = set.GetProperty("template").GetProperty("metadata").GetProperty("labels").GetRawText();
        set.GetProperty("selector").GetProperty("matchLabels").GetRawText().ShouldBe(labels);
        service.GetProperty("spec").GetProperty("selector").GetRawText().ShouldBe(labels);
        set.GetProperty("serviceName").GetString().ShouldBe(service.GetProperty("metadata").GetProperty("name").GetString());
        // One pod: its SQLite file has one owner.
        set.GetProperty("replicas").GetInt32().ShouldBe(1);
        var pod = await PodAsync();
        var volumes = pod.GetProperty("volumes").EnumerateArray().Concat(set.GetProperty("volumeClaimTemplates").EnumerateArray().Select(claim => claim.GetProperty("metadata"))).Select(volume => volume.GetProperty("name").GetString());
        pod.GetProperty("containers")[0].GetProperty("volumeMounts").EnumerateArray().Select(mount => mount.GetProperty("name").GetString()).ShouldBe(volumes, ignoreOrder: true);
    }

    [Fact]
    public async Task The_command_in_them_serves_and_the_probes_are_answered()
    {
        var pod = await PodAsync();
        var words = ArgumentsOf(pod);
        words.ShouldBe(await DockerCommandAsync());
        // The server of the tests adds these two with a port and a folder of its own.
        var more = words.Skip(1).Chunk(2).Where(pair => pair[0] is not ("--listen" or "--data")).SelectMany(pair => pair).ToArray();
        await using var server = await TielineServer.StartAsync(more);
        using var http = new HttpClient { BaseAddress = server.Address };
        foreach (var probe in (string[])["readinessProbe", "livenessProbe"])
        {
            var get = pod.GetProperty("containers")[0].GetProperty(probe).GetProperty("httpGet");
            get.GetProperty("port").GetString().ShouldBe(pod.GetProperty("containers")[0].GetProperty("ports")[0].GetProperty("name").GetString());
            (await http.GetAsync(get.GetProperty("path").GetString())).IsSuccessStatusCode.ShouldBeTrue(probe);
        }
    }

    private static void Accept(Setting? setting, string name, string value)
    {
        setting.ShouldNotBeNull(name);
        setting.Read(new TielineOptions(), value).Problem.ShouldBeNull($"{name} {value}");
        setting.Secret.ShouldBeFalse($"{name}: a secret does not stand in a file that is copied");
    }

    private static async Task<JsonElement> ComposeAsync() => (await ReadAsync("compose.yaml"))[0].GetProperty("services").GetProperty("tieline");

    private static Task<JsonElement[]> KubernetesAsync() => ReadAsync("kubernetes", "tieline.yaml");

    private static async Task<JsonElement> PodAsync() => (await KubernetesAsync()).Single(part => KindOf(part) == "StatefulSet").GetProperty("spec").GetProperty("template").GetProperty("spec");

    private static string KindOf(JsonElement part) => part.GetProperty("kind").GetString()!;

    private static List<string> ArgumentsOf(JsonElement pod) => [.. pod.GetProperty("containers")[0].GetProperty("args").EnumerateArray().Select(word => word.GetString()!)];

    private static async Task<List<string>> DockerCommandAsync() =>
        JsonSerializer.Deserialize<List<string>>(CommandIn().Match(await File.ReadAllTextAsync(DockerfilePath)).Groups[1].Value)!;

    /// <summary>The documents of a file, read by Debian's own parser, which also refuses a name that stands twice.</summary>
    private static async Task<JsonElement[]> ReadAsync(params string[] file)
    {
        const string Script = """
            import json, sys, yaml
            class Loader(yaml.SafeLoader):
                def construct_mapping(self, node, deep=False):
                    names = [self.construct_object(name) for name, _ in node.value]
                    if len(names) != len(set(names)): raise ValueError("a name stands twice: %s" % names)
                    return super().construct_mapping(node, deep)
            json.dump(list(yaml.load_all(open(sys.argv[1]), Loader)), sys.stdout)
            """;
        var read = (await Command.RunAsync(new System.Diagnostics.ProcessStartInfo("/usr/bin/python3", ["-c", Script, Repository.File(["deploy", .. file])]))).ShouldSucceed();
        return [.. JsonDocument.Parse(read.Output).RootElement.EnumerateArray()];
    }

    [GeneratedRegex(@"^CMD (\[.*\])$", RegexOptions.Multiline)]
    private static partial Regex CommandIn();

    [GeneratedRegex(@"^USER (\S+)$", RegexOptions.Multiline)]
    private static partial Regex UserIn();

    [GeneratedRegex(@"^COPY (\S+) ", RegexOptions.Multiline)]
    private static partial Regex CopyIn();

    [GeneratedRegex("<Version>(.*)</Version>")]
    private static partial Regex Version();
}
