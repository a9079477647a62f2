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

    public static string KnownPath(CaseFile file) => file.Options.KnownPath ?? (file.Target.Parent == "/" ? "/" : file.Target.Parent + "test");

    public static Endpoint WithScheme(Endpoint front) => front with { Secure = !front.Secure };
}
