using System.Text;
using System.Text.RegularExpressions;
using Tieline.Doctor.Evidence;

namespace Tieline.Doctor.Logs;

/// <summary>Reads what a log has gained since the last time; at most its last 256 KB.</summary>
internal sealed partial class LogTail(string path)
{
    private const int Window = 256 * 1024;
    private long _position = -1;

    public IReadOnlyList<LogLine> Read(LogPhase phase)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var from = _position < 0 ? Math.Max(0, stream.Length - Window) : _position > stream.Length ? 0 : _position;
            from = Math.Max(from, stream.Length - Window);
            stream.Position = from;
            var bytes = new byte[stream.Length - from];
            var n = stream.ReadAtLeast(bytes, bytes.Length, false);
            _position = from + n;
            return
            [
                .. Encoding.UTF8.GetString(bytes, 0, n).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(l => new LogLine(path, Mask(l.Length > 2000 ? l[..2000] : l), phase)),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return [];
        }
    }

    /// <summary>Tokens that others logged do not travel further.</summary>
    internal static string Mask(string text) =>
        string.Concat(Secret().Replace(text, "$1***").Select(c => char.IsControl(c) ? ' ' : c));

    [GeneratedRegex(@"((?:token|ticket|jwt|key|auth|authorization|cookie|bearer\.)\S{0,2}[=:]\s?|bearer[ .])[^\s&""',]+", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
