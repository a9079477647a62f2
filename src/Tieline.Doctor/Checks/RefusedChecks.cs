using System.Collections.Concurrent;
using System.Text;
using Tieline.Doctor.Evidence;
using Tieline.Doctor.Probes;

namespace Tieline.Doctor.Checks;

/// <summary>What separates the causes where the socket did not open: the same request with one thing changed each.</summary>
internal sealed class RefusedChecks(Prober prober)
{
    private const string Stranger = "not-served-here.invalid";

    // Common registered names and Tieline's own: one of them is usually confirmed by a server that knows subprotocols at all.
    internal const string Subprotocols = "tieline.v2, chat.v1, chat, mqtt, graphql-transport-ws, graphql-ws, v12.stomp, wamp.2.json";

    public IEnumerable<Check> All =>
    [
        Make("plain-get", "GET the socket's path without an upgrade", Reached, Probe.Plain, f => Asks.Get(f, f.Target.FullPath)),
        Make("known-get", "GET an address that the application answers", Reached, Probe.Known, f => Asks.Get(f, Asks.KnownPath(f))),
        Make("random-get", "GET a path that nobody serves", Reached, Probe.Random, f => Asks.Get(f, Asks.RandomPath(f, false))),
        Make("random-handshake", "open a socket on a path that nobody serves", HasStatus, Probe.RandomHandshake, f => Asks.Handshake(f) with { Path = Asks.RandomPath(f, false) }),
        new("again", "open it some more times: is it always refused?", f => HasStatus(f) && f.First.Ms < 1500, AgainAsync) { Group = 1 },
        Make("echo", "ask the diagnostic echo what arrives", f => !f.Options.NoEcho && ReachedOrOpened(f), Probe.Echo, f => Asks.Handshake(f) with { Path = WithToken(f, Asks.EchoPath(f)), Subprotocol = f.Options.Subprotocol ?? Subprotocols, Origin = Origin(f) }),
        Make("echo-outside", "ask the echo outside the socket's folder", f => !f.Options.NoEcho && HasStatus(f), Probe.EchoOutside, f => Asks.Handshake(f) with { Path = WithToken(f, f.Target.Parent + "_diag") }),
        new("echo-elsewhere", "ask the echo at paths that a location may have been written for", f => f.Echo is { HasUpgrade: false } && HasStatus(f), ElsewhereAsync) { Group = 2 },
        Make("no-token", "open it without a token", f => HasStatus(f) && f.Target.Token is not null, Probe.NoToken, f => Asks.Handshake(f) with { Path = f.Target.PathWith(null) }),
        Make("wrong-token", "open it with a wrong token", f => HasStatus(f) && f.Target.Token is not null, Probe.WrongToken, f => Asks.Handshake(f) with { Path = f.Target.PathWith("wrong") }),
        Make("other-host", "ask under a name that nobody serves", Reached, Probe.OtherHost, f => Asks.Get(f, f.Target.FullPath) with { Host = Stranger }),
        Make("root", "GET the first page", IsMissing, Probe.Root, f => Asks.Get(f, "/")),
        Make("root-other-host", "GET the first page under a name that nobody serves", IsMissing, Probe.RootOtherHost, f => Asks.Get(f, "/") with { Host = Stranger }),
        Make("other-host-known", "ask the application's address on the other scheme", NeedsOtherScheme, Probe.OtherScheme, f => Asks.Get(f, f.Target.FullPath) with { To = Asks.WithScheme(f.Target.Front), Alpn = [] }),
        Make("browser", "open it with a browser's headers", HasStatus, Probe.Browser, f => Asks.Handshake(f) with { UserAgent = Ask.BrowserAgent, Origin = Origin(f) }),
        Make("firefox", "open it with Firefox's Connection header", HasStatus, Probe.Firefox, f => Asks.Handshake(f) with { Connection = "keep-alive, Upgrade" }),
        Make("no-compression", "open it without permessage-deflate", HasStatus, Probe.NoCompression, f => Asks.Handshake(f) with { Compression = false }),
        Make("short-token", "open it with a short token", f => HasStatus(f) && f.Target.Token?.Length > 500, Probe.ShortToken, f => Asks.Handshake(f) with { Path = f.Target.PathWith("short") }),
        Make("folder", "GET the folder of the socket", HasStatus, Probe.NeighbourFolder, f => Asks.Get(f, f.Target.Folder)),
        Make("folder-without-slash", "GET the folder without its slash", f => HasStatus(f) && f.Target.Folder.Length > 1, Probe.NeighbourParent, f => Asks.Get(f, f.Target.Folder.TrimEnd('/'))),
        Make("digits", "open it with a number as the id", HasStatus, Probe.NeighbourDigits, f => Asks.Handshake(f) with { Path = f.Target.WithPath(f.Target.Folder + "1") }),
        Make("slash", "open it with, or without, a slash at the end", f => HasStatus(f) && f.Target.Path.Length > 1, Probe.NeighbourSlash, f => Asks.Handshake(f) with { Path = f.Target.WithPath(f.Target.Path.EndsWith('/') ? f.Target.Path.TrimEnd('/') : f.Target.Path + "/") }),
        Make("beside-get", "GET a path beside the socket that nobody serves", IsForbidden, Probe.BesideGet, f => Asks.Get(f, Asks.RandomPath(f, true))),
        Make("beside-post", "POST nothing to it: is it the method that is refused?", IsForbidden, Probe.BesidePost, f => Asks.Get(f, Asks.RandomPath(f, true)) with { Method = "POST" }),
        Make("object-id", "open it with an id of 24 digits of base 16", SaysUpgrade, Probe.NeighbourObjectId, f => Asks.Handshake(f) with { Path = f.Target.WithPath(f.Target.Folder + "507f1f77bcf86cd799439011") }),
        Make("uuid", "open it with a UUID as the id", SaysUpgrade, Probe.NeighbourUuid, f => Asks.Handshake(f) with { Path = f.Target.WithPath(f.Target.Folder + "6ba7b810-9dad-11d1-80b4-00c04fd430c8") }),
        new("usual-paths", "open it at paths where sockets often are", f => f.First.Status is 404 or 403, UsualAsync) { Group = 2 },
        new("cut-paths", "ask for the application's address behind each part of the path: does the proxy cut one off?", f => f.First.Status is 404 && f[Probe.Known] is { Status: 200 }, CutAsync) { Group = 2 },
        Make("fresh", "open it at an address that no cache has seen", HasStatus, Probe.Fresh, f => Asks.Handshake(f) with { Path = f.Target.FullPath + (f.Target.FullPath.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "_doctor=" + Asks.NewKey()[..8].Replace('+', 'x').Replace('/', 'y') }),
        Make("forwarded-https", "say that TLS ended further out", f => f.First.Status is >= 300 and < 400, Probe.PlainForwardedHttps, f => Asks.Get(f, f.Target.FullPath) with { Verbatim = ForwardedHttps(f) }),
        Make("malformed", "send a request that no proxy accepts, to see whose error page comes", ReachedOrOpened, Probe.Malformed, f => Asks.Get(f, "/") with { Verbatim = "GET / HTTP/1.1\r\nthis is no header\r\n\r\n"u8.ToArray() }),
        Make("http2", "speak HTTP/2 at once", NotHttp, Probe.Http2Preface, f => Asks.Get(f, "/") with { Verbatim = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x4\0\0\0\0\0"u8.ToArray(), Alpn = ["h2"] }),
        Make("proxy-protocol", "send a PROXY protocol line first", NotHttp, Probe.ProxyPrefix, f => Asks.Get(f, f.Target.FullPath) with { Prefix = Encoding.ASCII.GetBytes("PROXY TCP4 127.0.0.1 127.0.0.1 40000 80\r\n") }),
        Make("alpn-none", "TLS without ALPN", TlsFailed, Probe.AlpnNone, f => Asks.Handshake(f) with { Alpn = [] }),
        Make("alpn-http2", "TLS with HTTP/2 alone", TlsFailed, Probe.AlpnHttp2, f => Asks.Get(f, "/") with { Alpn = ["h2"], Verbatim = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x4\0\0\0\0\0"u8.ToArray() }),
        Make("other-sni", "TLS for another name", TlsFailed, Probe.OtherSni, f => Asks.Get(f, "/") with { Sni = Stranger }),
    ];

    private async Task<string> AgainAsync(CaseFile file, CancellationToken cancel)
    {
        var answers = new List<Answer>();
        for (var i = 0; i < 3; i++) answers.Add(await prober.AskAsync(Asks.Handshake(file), cancel).ConfigureAwait(false));
        file.Again = answers;
        return $"{answers.Count(a => a.Opened)} of {answers.Count} opened";
    }

    private Task<string> UsualAsync(CaseFile file, CancellationToken cancel) =>
        AskAllAsync(file.Usual, Asks.UsualPaths(file.Target.Path), path => Asks.Handshake(file) with { Path = file.Target.WithPath(path) }, cancel);

    private Task<string> CutAsync(CaseFile file, CancellationToken cancel) =>
        AskAllAsync(file.Cut, Asks.KnownBehind(file), path => Asks.Get(file, path), cancel);

    private async Task<string> AskAllAsync(ConcurrentDictionary<string, Answer> into, IEnumerable<string> paths, Func<string, Ask> ask, CancellationToken cancel)
    {
        await Task.WhenAll(paths.Select(async path => into[path] = await prober.AskAsync(ask(path), cancel).ConfigureAwait(false))).ConfigureAwait(false);
        return string.Join("; ", into.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}: {(a.Value.HasStatus ? $"{a.Value.Status}" : a.Value.FaultWords())}"));
    }

    private async Task<string> ElsewhereAsync(CaseFile file, CancellationToken cancel)
    {
        var reports = await Task.WhenAll(Asks.Elsewhere(file.Target.Folder).Select(async folder =>
            (folder, EchoReport.Parse((await prober.AskAsync(Asks.Handshake(file) with { Path = WithToken(file, folder + "_diag") }, cancel).ConfigureAwait(false)).Body)))).ConfigureAwait(false);
        foreach (var (folder, report) in reports)
            if (report is not null) file.EchoElsewhere[folder + "_diag"] = report;
        return file.EchoElsewhere.IsEmpty ? "no echo there" : string.Join(", ", file.EchoElsewhere.Select(e => $"{e.Key}: {(e.Value.HasUpgrade ? "arrives" : "no upgrade")}"));
    }

    private Check Make(string name, string what, Func<CaseFile, bool> when, Probe probe, Func<CaseFile, Ask> ask) =>
        new(name, what, when, async (file, cancel) =>
        {
            var answer = await prober.AskAsync(ask(file), cancel).ConfigureAwait(false);
            file[probe] = answer;
            return answer.Summary();
        })
        { Group = 1 };

    private static bool Reached(CaseFile f) => !f.First.Opened && f.First.Fault is Fault.None or Fault.Silent or Fault.Closed or Fault.Reset or Fault.NotHttp;

    private static bool ReachedOrOpened(CaseFile f) => f.First.Opened || Reached(f);

    private static bool HasStatus(CaseFile f) => f.First.HasStatus && !f.First.Opened;

    private static bool IsMissing(CaseFile f) => f.First.Status is 404;

    private static bool SaysUpgrade(CaseFile f) => f.First.Status is 426 or 400 or 404;

    private static bool IsForbidden(CaseFile f) => f.First.Status is 403 or 405;

    private static bool NotHttp(CaseFile f) => f.First.Fault is Fault.Silent or Fault.Closed or Fault.Reset or Fault.NotHttp || f.First.Status is 400 or 505;

    private static bool TlsFailed(CaseFile f) => f.First.Fault is Fault.TlsRefused or Fault.TlsReset or Fault.TlsSilent or Fault.TlsNotSpoken;

    private static bool NeedsOtherScheme(CaseFile f) => TlsFailed(f) || NotHttp(f) || (HasStatus(f) && f.First.Status is 301 or 302 or 307 or 308 or 400);

    private static string Origin(CaseFile f) => f.Options.PageOrOwn.GetLeftPart(UriPartial.Authority);

    private static string WithToken(CaseFile f, string path) => f.Target.Token is null ? path : $"{path}?{f.Target.TokenName}={f.Target.Token}";

    private static byte[] ForwardedHttps(CaseFile f) => Encoding.Latin1.GetBytes(
        $"GET {f.Target.FullPath} HTTP/1.1\r\nHost: {f.Target.Front.Authority}\r\nX-Forwarded-Proto: https\r\nConnection: close\r\nUser-Agent: {Ask.ToolAgent}\r\n\r\n");
}
