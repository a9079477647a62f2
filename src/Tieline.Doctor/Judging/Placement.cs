using Tieline.Doctor.Configuration;
using Tieline.Doctor.Mending;
using Tieline.Protocol.Findings;

namespace Tieline.Doctor.Judging;

/// <summary>
/// A part of a configuration was given, such as one site's file, and a running program reads the whole: whose block serves the
/// name there? What is edited in a file that does not serve it has no effect, and no test of another name proves anything.
/// </summary>
internal sealed record Placement(ConfigText Main, Finding? Finding)
{
    public static Placement? Of(IReadOnlyList<ConfigText> given, IReadOnlyList<IConfigReader> readers, ReadingQuestion question)
    {
        foreach (var file in given)
        {
            if (readers.FirstOrDefault(r => Safely(() => r.Recognizes(file))) is not { } reader || ProxyProgram.Find(reader.Proxy, file.Path) is not null) continue;
            foreach (var path in ProxyProgram.MainFiles(reader.Proxy))
            {
                if (ConfigText.Load(path) is not { } main) continue;
                Reading? whole = null;
                if (!Safely(() => (whole = reader.Read(main, question)).Listens)) continue;
                if (given.Any(g => Same(g.Path, path)))
                {
                    // The whole was given too: then only a file that it does not load is worth a word.
                    if (whole!.NamedIn.Length == 0 && !whole.Files.Any(f => Same(f, file.Path)) && Safely(() => reader.Read(file, question).NamedIn.Length > 0)) return new Placement(main, NotLoaded(file, reader, main, question));
                    continue;
                }
                return new Placement(main, Judge(given, reader, main, whole!, question));
            }
        }
        return null;
    }

    private static Finding? Judge(IReadOnlyList<ConfigText> given, IConfigReader reader, ConfigText main, Reading whole, ReadingQuestion q)
    {
        var files = string.Join(", ", given.Select(g => g.Path));
        if (whole.NamedIn.Length > 0)
            return given.Any(g => Same(g.Path, whole.NamedIn)) ? null : Make("config.other_file_serves", $"{whole.NamedIn} serves {q.Host} on port {q.Port}; you gave {files}");
        var named = given.FirstOrDefault(g => Safely(() => reader.Read(g, q).NamedIn.Length > 0));
        return named is null ? Make("config.name_not_served", $"no block that {main.Path} loads names {q.Host} on port {q.Port}; neither does {files}") : NotLoaded(named, reader, main, q);
    }

    private static Finding NotLoaded(ConfigText named, IConfigReader reader, ConfigText main, ReadingQuestion q) =>
        Make("config.name_not_served", $"{named.Path} names {q.Host}, but the running {reader.Proxy} reads {main.Path}, which does not load it");

    private static Finding Make(string cause, string saw)
    {
        var entry = FindingCatalogue.OfCause(cause)!;
        return new Finding(entry) { Saw = [saw], Fixes = [new Remedy(entry.Fix, entry.Confidence)] };
    }

    private static bool Same(string one, string other) => Real(one) == Real(other);

    private static string Real(string path) => File.Exists(path) ? new FileInfo(path).ResolveLinkTarget(true)?.FullName ?? Path.GetFullPath(path) : Path.GetFullPath(path);

    private static bool Safely(Func<bool> ask)
    {
        try
        {
            return ask();
        }
#pragma warning disable CA1031 // A file that a reader stumbles over is evidence less, not the end of the examination.
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }
}
