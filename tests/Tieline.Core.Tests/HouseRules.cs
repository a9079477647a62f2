using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Tieline.Core.Tests;

/// <summary>Dependencies point inward, and Core does no I/O. Read from the project files, so that a slip is named before anybody builds on it.</summary>
public sealed partial class HouseRules
{
    [Theory]
    [InlineData("Tieline.Protocol", "")]
    [InlineData("Tieline.Core", "Tieline.Protocol")]
    [InlineData("Tieline.Server", "Tieline.Core")]
    [InlineData("Tieline.Doctor", "Tieline.Protocol")]
    [InlineData("Tieline.Client", "Tieline.Protocol")]
    [InlineData("Tieline.Cli", "Tieline.Client Tieline.Doctor Tieline.Server")]
    public void Each_project_refers_to_these_and_no_others(string project, string allowed) =>
        References(project, "ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))
            .ShouldBeSubsetOf(allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public void Every_project_has_its_line_here()
    {
        var listed = typeof(HouseRules).GetMethod(nameof(Each_project_refers_to_these_and_no_others))!.GetCustomAttributes(typeof(InlineDataAttribute), false)
            .Select(line => (string)((InlineDataAttribute)line).Data[0]!);

        Directory.GetDirectories(Path.Combine(Root, "src")).Select(Path.GetFileName).ShouldBeSubsetOf(listed);
    }

    [Theory]
    [InlineData("Tieline.Protocol")]
    [InlineData("Tieline.Core")]
    public void The_inner_projects_take_no_package_with_them(string project) =>
        References(project, "PackageReference").Where(reference => reference.Attribute("PrivateAssets")?.Value != "all").ShouldBeEmpty();

    [Fact]
    public void The_compiler_refuses_input_and_output_in_Core()
    {
        References("Tieline.Core", "PackageReference").ShouldContain(reference => reference.Attribute("Include")!.Value == "Microsoft.CodeAnalysis.BannedApiAnalyzers");
        References("Tieline.Core", "AdditionalFiles").ShouldContain(file => file.Attribute("Include")!.Value == "BannedSymbols.txt");
        var banned = File.ReadAllText(Path.Combine(Root, "src", "Tieline.Core", "BannedSymbols.txt"));
        foreach (var symbol in (string[])["N:System.IO;", "N:System.Net;", "T:System.Random;", "P:System.DateTimeOffset.UtcNow;"]) banned.ShouldContain(symbol);
    }

    [Fact]
    public void Every_link_of_the_documents_leads_to_what_is_there()
    {
        var documents = ((string[])["docs", "protocol", "bench", "deploy"]).SelectMany(folder => Directory.GetFiles(Path.Combine(Root, folder), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.GetFiles(Root, "*.md")).Where(file => !file.Contains("node_modules", StringComparison.Ordinal)).ToList();
        var links = documents.SelectMany(file => Link().Matches(File.ReadAllText(file)).Select(link => (File: file, To: Path.Combine(Path.GetDirectoryName(file)!, link.Groups[1].Value)))).ToList();

        links.Count.ShouldBeGreaterThan(100);
        links.Where(link => !Path.Exists(link.To)).ShouldBeEmpty();
    }

    /// <summary>Not those to the web, nor to a heading of the same document.</summary>
    [GeneratedRegex(@"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();

    private static IEnumerable<XElement> References(string project, string kind) =>
        XDocument.Load(Path.Combine(Root, "src", project, project + ".csproj")).Descendants(kind);

    private static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Tieline.slnx"))) folder = Path.GetDirectoryName(folder)!;
            return folder;
        }
    }
}
