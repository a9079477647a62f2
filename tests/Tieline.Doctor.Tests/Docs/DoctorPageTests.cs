using System.Text;
using Tieline.Doctor.Judging;
using Tieline.Doctor.Reporting;
using Tieline.Doctor.Tests.Cases;
using Tieline.Doctor.Tests.Proxies;
using Tieline.Protocol.Findings;

namespace Tieline.Doctor.Tests.Docs;

/// <summary>docs/doctor holds one page a code, made from the catalogue and from the case that reproduces it.</summary>
public sealed class DoctorPageTests
{
    private static string Folder => Path.Combine(DeployTests.Root(), "docs", "doctor");

    [Fact]
    public void Every_code_has_its_page_and_the_index_lists_it()
    {
        var pages = FindingCatalogue.All.ToDictionary(e => e.Code + ".md", Page);
        pages["README.md"] = Index();
        if (Environment.GetEnvironmentVariable("TIELINE_RENDER") == "1")
        {
            Directory.CreateDirectory(Folder);
            foreach (var (name, text) in pages) File.WriteAllText(Path.Combine(Folder, name), text);
        }
        Directory.EnumerateFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(pages.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, text) in pages) File.ReadAllText(Path.Combine(Folder, name)).ShouldBe(text);
    }

    [Fact]
    public void Codes_and_causes_are_unique_and_every_text_is_whole()
    {
        FindingCatalogue.All.Select(e => e.Code).Distinct().Count().ShouldBe(FindingCatalogue.All.Count);
        FindingCatalogue.All.Select(e => e.Cause).Distinct().Count().ShouldBe(FindingCatalogue.All.Count);
        foreach (var entry in FindingCatalogue.All)
        {
            Enum.IsDefined(entry.Layer).ShouldBeTrue(entry.Code);
            entry.Title.ShouldNotEndWith(".");
            entry.Why.ShouldEndWith(".");
            entry.Fix.ShouldMatch(@"[.?\)]$");
            FindingCatalogue.OfCause(entry.Cause).ShouldBe(entry);
            FindingCatalogue.OfCode(entry.Code.ToLowerInvariant()).ShouldBe(entry);
        }
    }

    private const string Use = """
        ```
        tieline doctor wss://chat.example.org/api/chat/ws/bob --token-file FILE   from anywhere
        tieline doctor ... --backend http://127.0.0.1:8000                        on the server: straight at it too, and the proxies' files, logs and processes
        tieline doctor ... --dry-run                                              what --fix would change
        tieline doctor ... --fix                                                  mends what is certain
        tieline doctor ... --watch --every 30                                     a line while nothing changes, the whole report when something does
        tieline doctor ... --json
        ```

        Exit code 0: healthy. 1: a finding. 2: it could not run. Without the holds of idle lines (`--hold 0`) a run ends within half a minute;
        with them it takes as long as `--hold` says.

        It writes to nobody: on a socket that is not known to be an echo it sends pings and a close, and no data. `--echo-ok` allows data, at most
        as much as the server says it takes. Tokens are in no report and in no log of its own.

        `--fix` makes a backup beside each file, edits the one block that serves the socket, has the proxy test the file, reloads it, and opens the
        socket anew; where one of these fails, every file is as it was, and it says so. It touches no password, address list, limit, client
        certificate or maintenance page: there it shows what it would change, for review.

        `--json` prints

            {"url", "healthy", "findings": [{"code", "cause", "layer", "title", "saw", "why",
             "fixes": [{"text", "command", "diff", "confidence"}], "alternatives": [], "decider"}], "notes": [], "checks": [{"name", "result", "ms"}]}

        The first finding is the root cause; `alternatives` are the causes that what was seen does not rule out, `decider` (where there are any) the
        one further look that would. `confidence` is `certain`, `review` or `fill in`.
        """;

    private static string Index()
    {
        var text = new StringBuilder("# What `tieline doctor` can find\n\n").Append(Use.ReplaceLineEndings("\n")).Append("\n\nThe findings, made from the catalogue; `tieline doctor --explain CODE` prints the same on the terminal.\n");
        foreach (var layer in FindingCatalogue.All.GroupBy(e => e.Layer))
        {
            text.Append("\n## ").Append(JsonReport.LayerName(layer.Key)).Append("\n\n| code | cause | what is wrong |\n|---|---|---|\n");
            foreach (var entry in layer) text.Append("| [").Append(entry.Code).Append("](").Append(entry.Code).Append(".md) | `").Append(entry.Cause).Append("` | ").Append(entry.Title).Append(" |\n");
        }
        // What make doctor-score printed last is kept below the index.
        const string Mark = "\n## How well it judges\n";
        var present = File.ReadAllText(Path.Combine(Folder, "README.md"));
        var at = present.IndexOf(Mark, StringComparison.Ordinal);
        return text.Append(at < 0 ? "" : present[at..]).ToString();
    }

    private static string Page(FindingEntry entry)
    {
        var text = new StringBuilder()
            .Append("# ").Append(entry.Code).Append(": ").Append(entry.Title)
            .Append("\n\nCause `").Append(entry.Cause).Append("`, layer: ").Append(JsonReport.LayerName(entry.Layer))
            .Append(".\n\n**Why.** ").Append(entry.Why)
            .Append("\n\n**Fix** (").Append(new Remedy("", entry.Confidence).ConfidenceWord).Append("). ").Append(entry.Fix)
            .Append("\n\n## Reproduce\n\n");
        var example = AllCases.List.FirstOrDefault(c => c.Cause.Split('+').Contains(entry.Cause));
        if (example is null || (example.Configs.Count == 0 && Reproductions.Of(entry.Cause) is not null))
            return text.Append(Reproductions.Of(entry.Cause) ?? throw new InvalidOperationException($"{entry.Code} {entry.Cause} has neither a case nor a way to reproduce it.")).ToString();
        text.Append("`TIELINE_DOCTOR_SCORE=").Append(example.Name).Append(" make doctor-score` runs this case and prints what the doctor says of it.\n");
        foreach (var (program, file, config) in example.Configs) text.Append("\n`").Append(file).Append("` for ").Append(program).Append(":\n\n```\n").Append(Readable(config)).Append("\n```\n");
        if (example.Box.Length > 0) text.Append("\nThe test's relay on the public port plays the device: `").Append(example.Box).Append("`.\n");
        return text.ToString();
    }

    private static string Readable(string config)
    {
        foreach (var (name, value) in ((string, string)[])[("{front}", "8080"), ("{front_tls}", "8443"), ("{backend}", "8000"), ("{inner}", "8081"), ("{closed}", "8999"), ("{other}", "8001"), ("{run}", "/tmp/case"), ("{certs}", "/tmp/case/certs")])
            config = config.Replace(name, value, StringComparison.Ordinal);
        return string.Join('\n', config.Split('\n').Select(l => l.TrimEnd())).TrimEnd();
    }
}
