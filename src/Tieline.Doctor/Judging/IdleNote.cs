using System.Globalization;
using Tieline.Doctor.Configuration;
using Tieline.Doctor.Evidence;

namespace Tieline.Doctor.Judging;

/// <summary>
/// Most proxies cut a silent line after 50 or 60 s, longer than a run watches one. That is said from the file, or from what the
/// program in front does when nothing is set, instead of being passed over.
/// </summary>
internal static class IdleNote
{
    // Above this a line that pings at all is safe.
    private const double Harmless = 600;

    public static string Of(CaseFile file, IReadOnlyList<Reading> hops, string frontName)
    {
        // A line that was cut during the hold has been judged already.
        if (!file.Opened || file.SilentHold is { Ended: true }) return "";
        var known = hops.Where(h => h.Idle is { Seconds: > 0 }).Select(h => (h.Proxy, h.Idle!.Value.Seconds, h.Idle.Value.By)).ToList();
        if (known.Count == 0 && hops.All(h => h.Proxy is not "caddy") && Default(frontName) is { } usual) known.Add((frontName, usual.Seconds, usual.By));
        if (known.Count == 0) return "";
        var (proxy, seconds, by) = known.MinBy(k => k.Seconds);
        if (double.IsNaN(seconds) || seconds > Harmless || seconds <= (file.SilentHold?.Seconds ?? 0)) return "";
        var pings = file.SilentHold is { PingsFromServer: > 0 } held
            ? string.Create(CultureInfo.InvariantCulture, $" The server pinged {held.PingsFromServer} time{(held.PingsFromServer == 1 ? "" : "s")} in {held.Seconds:0} s, which keeps it open.")
            : string.Create(CultureInfo.InvariantCulture, $" The server was not seen to ping{(file.SilentHold is { } silent ? $" within {silent.Seconds:0} s" : "")}: ping every 20 to 25 s, or raise the limit. --hold {Math.Ceiling(seconds / 10) * 10 + 10:0} watches it happen.");
        return string.Create(CultureInfo.InvariantCulture, $"{proxy} cuts a line that is silent for {seconds:0} s ({by}).{pings}");
    }

    /// <summary>Measured at the programs' defaults; null where none was seen within 400 s.</summary>
    private static (double Seconds, string By)? Default(string name) => name switch
    {
        "nginx" or "openresty" => (60, "its default; the file was not given"),
        "apache" => (60, "its default; Debian sets 300; the file was not given"),
        "varnish" or "lighttpd" => (60, "its default"),
        "haproxy" => (50, "as Debian ships it; the file was not given"),
        "h2o" => (300, "its default"),
        _ => null,
    };
}
