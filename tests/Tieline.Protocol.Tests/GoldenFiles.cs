using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Tieline.Protocol.Tests;

/// <summary>The files under protocol/, read where they stand in the repository.</summary>
internal static class GoldenFiles
{
    public static string Folder { get; } = Path.Combine(Root(), "protocol");

    public static IEnumerable<string> Frames(string direction, int version) =>
        Directory.EnumerateFiles(Path.Combine(Folder, "frames"), "*.json").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)
            .Where(name => Read(name) is var file && file.GetProperty("direction").GetString() == direction && file.GetProperty("v").GetInt32() == version);

    public static JsonElement Read(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "frames", name + ".json")));
        return document.RootElement.Clone();
    }

    public static byte[] Frame(string name) => Encoding.UTF8.GetBytes(Read(name).GetProperty("frame").GetRawText());

    public static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
