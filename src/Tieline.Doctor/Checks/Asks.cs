using System.Security.Cryptography;
using Tieline.Doctor.Evidence;
using Tieline.Doctor.Probes;
using Tieline.Doctor.Targets;

namespace Tieline.Doctor.Checks;

/// <summary>The requests that checks start from.</summary>
internal static class Asks
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));

    public static Ask Handshake(CaseFile file) => new() { To = file.Target.Front, Path = file.Target.FullPath, Handshake = true, Patience = _patience };

    public static Ask Get(CaseFile file, string path) => new() { To = file.Target.Front, Path = path, Patience = _patience };

    /// <summary>To the server itself, under the public name: virtual hosts and host lists must not be what differs.</summary>
    public static Ask Direct(CaseFile file) =>
        Handshake(file) with { To = file.Options.Backend!, Host = file.Target.Front.Authority, Sni = file.Target.Front.Host };

    public static string RandomPath(CaseFile file, bool under) =>
        (under ? file.Target.Folder : "/") + "tieline-doctor-" + RandomNumberGenerator.GetHexString(8, true);

    public static string EchoPath(CaseFile file) => file.Options.EchoPath ?? file.Target.Folder + "_diag";

    /// <summary>Folders with a part of the path, or with one of its words in capitals: <c>/chat/ws/</c>, <c>/ws/</c>, <c>/API/chat/ws/</c>.</summary>
    public static IEnumerable<string> Elsewhere(string folder)
    {
        var parts = folder.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string Join(IEnumerable<string> words) => words.Any() ? $"/{string.Join('/', words)}/" : "/";
        for (var i = 1; i < Math.Min(parts.Length, 4); i++) yield return Join(parts.Skip(i));
        for (var i = 0; i < Math.Min(parts.Length, 4); i++)
        {
            var turned = parts[i].Any(char.IsUpper) ? parts[i].ToLowerInvariant() : parts[i].ToUpperInvariant();
            if (turned != parts[i]) yield return Join(parts.Select((p, n) => n == i ? turned : p));
        }
    }

    /// <summary>Where a socket of this kind often is: under another usual word, or under a part of the path.</summary>
    public static IEnumerable<string> UsualPaths(string path)
    {
        var folder = path[..(path.LastIndexOf('/') + 1)];
        var id = path[folder.Length..];
        var parts = folder.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string[] words = ["ws", "socket", "websocket"];
        foreach (var word in parts.Length == 0 ? [] : words.Where(w => w != parts[^1])) yield return $"/{string.Join('/', [.. parts[..^1], word])}/{id}";
        for (var i = 1; i < Math.Min(parts.Length, 4); i++) yield return $"/{string.Join('/', parts[i..])}/{id}";
        if (parts.Length == 0 || parts is [not "ws"]) yield return "/ws";
    }

    /// <summary>The known address behind each beginning of the path: where a proxy cuts that beginning off, it answers there too.</summary>
    public static IEnumerable<string> KnownBehind(CaseFile file)
    {
        var parts = file.Target.Folder.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 1; i <= Math.Min(parts.Length, 4); i++) yield return "/" + string.Join('/', parts[..i]) + KnownPath(file);
    }

    public static string KnownPath(CaseFile file) => file.Options.KnownPath ?? (file.Target.Parent == "/" ? "/" : file.Target.Parent + "test");

    public static Endpoint WithScheme(Endpoint front) => front with { Secure = !front.Secure };
}
