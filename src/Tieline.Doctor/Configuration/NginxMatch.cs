using System.Text.RegularExpressions;

namespace Tieline.Doctor.Configuration;

/// <summary>Which server and which location of nginx serve a request: nginx's own rules, in its order.</summary>
internal static class NginxMatch
{
    private static readonly TimeSpan _regexPatience = TimeSpan.FromMilliseconds(500);

    public static bool Listens(NginxDirective server, int port)
    {
        var listens = server.All("listen").ToList();
        return listens.Count == 0 ? port == 80 : listens.Any(l => PortOf(l.Arg(0)) == port);
    }

    public static int PortOf(string listen)
    {
        if (listen.StartsWith("unix:", StringComparison.Ordinal)) return -1;
        var tail = listen[(listen.LastIndexOf(':') + 1)..];
        if (listen.EndsWith(']')) return 80;
        return int.TryParse(tail, out var port) ? port : 80;
    }

    /// <summary>The server for a name, and whether it was found by that name rather than by default.</summary>
    public static (NginxDirective? Server, bool ByName) Server(IReadOnlyList<NginxDirective> servers, int port, string host)
    {
        var here = servers.Where(s => Listens(s, port)).ToList();
        (NginxDirective Server, int Rank)? best = null;
        foreach (var server in here)
        {
            foreach (var name in server.All("server_name").SelectMany(n => n.Args))
            {
                var rank = NameRank(name, host);
                if (rank > 0 && (best is null || rank > best.Value.Rank)) best = (server, rank);
            }
        }
        if (best is not null) return (best.Value.Server, true);
        var fallback = here.FirstOrDefault(s => s.All("listen").Any(l => PortOf(l.Arg(0)) == port && l.Args.Contains("default_server"))) ?? here.FirstOrDefault();
        return (fallback, false);
    }

    private static int NameRank(string name, string host)
    {
        if (name.Equals(host, StringComparison.OrdinalIgnoreCase)) return 1000;
        if (name.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(name[1..], StringComparison.OrdinalIgnoreCase)) return 500 + Math.Min(name.Length, 400);
        if (name.StartsWith('.') && (host.EndsWith(name, StringComparison.OrdinalIgnoreCase) || host.Equals(name[1..], StringComparison.OrdinalIgnoreCase))) return 500 + Math.Min(name.Length, 400);
        if (name.EndsWith(".*", StringComparison.Ordinal) && host.StartsWith(name[..^1], StringComparison.OrdinalIgnoreCase)) return 50 + Math.Min(name.Length, 400);
        return name.StartsWith('~') && Matches(name[1..], host, true) ? 10 : 0;
    }

    public static bool Matches(string pattern, string text, bool ignoreCase)
    {
        try
        {
            return Regex.IsMatch(text, pattern, ignoreCase ? RegexOptions.IgnoreCase | RegexOptions.CultureInvariant : RegexOptions.CultureInvariant, _regexPatience);
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <summary>The location for a path, and the plain prefix that a regular expression took it from.</summary>
    public static (NginxDirective? Chosen, NginxDirective? Beaten) Location(NginxDirective block, string path)
    {
        NginxDirective? prefix = null;
        foreach (var location in block.All("location"))
        {
            var (modifier, pattern) = Split(location);
            if (modifier == "=" && pattern == path) return (location, null);
            if (modifier is "" or "^~" && path.StartsWith(pattern, StringComparison.Ordinal) && (prefix is null || pattern.Length >= Split(prefix).Pattern.Length)) prefix = location;
        }
        if (prefix is not null && Split(prefix).Modifier == "^~") return Deeper(prefix, path, null);
        foreach (var location in block.All("location"))
        {
            var (modifier, pattern) = Split(location);
            if (modifier is "~" or "~*" && Matches(pattern, path, modifier == "~*")) return Deeper(location, path, prefix);
        }
        return prefix is null ? (null, null) : Deeper(prefix, path, null);
    }

    private static (NginxDirective?, NginxDirective?) Deeper(NginxDirective location, string path, NginxDirective? beaten)
    {
        var (inner, innerBeaten) = Location(location, path);
        return inner is null ? (location, beaten) : (inner, innerBeaten ?? beaten);
    }

    public static (string Modifier, string Pattern) Split(NginxDirective location)
    {
        if (location.Args.Count >= 2) return (location.Arg(0), location.Arg(1));
        var only = location.Arg(0);
        foreach (var modifier in (string[])["~*", "^~", "~", "="])
            if (only.StartsWith(modifier, StringComparison.Ordinal)) return (modifier, only[modifier.Length..]);
        return ("", only);
    }

    /// <summary>The directives of a name that hold at a block: those of the innermost block that has any.</summary>
    public static IReadOnlyList<NginxDirective> Inherited(NginxDirective? block, string name)
    {
        for (var at = block; at is not null; at = at.Parent)
            if (at.All(name).ToList() is { Count: > 0 } found) return found;
        return [];
    }

    public static string Value(NginxDirective? block, string name) => Inherited(block, name) is { Count: > 0 } found ? found[^1].Arg(0) : "";

    /// <summary>nginx times: 60, 60s, 5m, 1h30m, 300ms; in seconds.</summary>
    public static double Seconds(string text)
    {
        double total = 0, number = 0;
        var any = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsAsciiDigit(text[i]))
            {
                number = (number * 10) + (text[i] - '0');
                any = true;
                continue;
            }
            if (text[i] == 'm' && i + 1 < text.Length && text[i + 1] == 's')
            {
                total += number / 1000;
                i++;
            }
            else
            {
                total += number * (text[i] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, 'w' => 604800, _ => 1 });
            }
            number = 0;
        }
        return any ? total + number : double.NaN;
    }
}
