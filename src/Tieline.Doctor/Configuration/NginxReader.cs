namespace Tieline.Doctor.Configuration;

/// <summary>Follows a request through nginx's blocks and notes everything on its way that can keep a socket from opening.</summary>
internal sealed partial class NginxReader : IConfigReader
{
    // Below this even a server that pings every 20 to 25 s loses its lines.
    private const double PingPause = 25;

    public string Proxy => "nginx";

    public bool Recognizes(ConfigText file) =>
        NginxSyntax.Parse(file) is var root && (root.Children.Any(c => c.Name is "http" or "stream" or "events" && c.IsBlock) || root.Children.Any(c => c is { Name: "server", IsBlock: true } && c.Children.Any(x => x.Name is "listen" or "server_name" or "location")));

    public Reading Read(ConfigText file, ReadingQuestion question)
    {
        var root = NginxSyntax.Parse(file);
        var clues = new List<Clue>();
        var http = root.All("http").Where(h => h.IsBlock).ToList();
        var scopes = http.Count > 0 ? http : [root];
        var servers = scopes.SelectMany(s => s.All("server").Where(x => x.IsBlock)).ToList();
        Reading reading = new(Proxy) { MainFile = file.Path };
        var (server, byName) = NginxMatch.Server(servers, question.Port, question.Host);
        if (server is null) return reading;
        reading = reading with { Listens = true, NamedIn = byName ? server.File.Path : "", Files = [.. root.Files] };
        JudgeWorkers(root, clues);
        JudgeServer(server, byName, servers, question, clues);
        var (location, beaten) = NginxMatch.Location(server, question.Path);
        JudgeGate(location ?? server, server, clues, question);
        var candidates = Everywhere(server).Where(l => l.One("proxy_pass") is not null).ToList();
        var pass = location?.One("proxy_pass");
        if (pass is null)
        {
            if (!JudgeBeaten(location, beaten, clues)) JudgeNoPass(server, byName, location, candidates, question, clues);
            return reading with { Clues = clues };
        }
        var forwards = JudgeHeaders(location!, beaten, server, candidates, clues, question);
        JudgePath(location!, pass, clues, question);
        var upstreams = JudgeUpstream(pass, scopes, clues, question);
        JudgeTimes(location!, clues);
        return reading with
        {
            Clues = clues,
            ForwardsUpgrade = forwards,
            Upstreams = upstreams,
            UpstreamTls = pass.Arg(0).StartsWith("https://", StringComparison.Ordinal),
            Idle = NginxMatch.Inherited(location, "proxy_read_timeout") is [.., var read] ? (NginxMatch.Seconds(read.Arg(0)), $"{read.Where}: {read.Words}") : (60, $"{location!.Where}: proxy_read_timeout is not set, and its default is 60s"),
        };
    }

    private static IEnumerable<NginxDirective> Everywhere(NginxDirective block)
    {
        foreach (var location in block.All("location"))
        {
            yield return location;
            foreach (var inner in Everywhere(location)) yield return inner;
        }
    }

    private static bool Upgrades(NginxDirective location) =>
        NginxMatch.Inherited(location, "proxy_set_header").Any(h => h.Arg(0).Equals("Upgrade", StringComparison.OrdinalIgnoreCase) && h.Arg(1).Length > 0);

    private static void JudgeWorkers(NginxDirective root, List<Clue> clues)
    {
        if (root.One("events")?.One("worker_connections") is { } limit && int.TryParse(limit.Arg(0), out var n) && n < 200)
            clues.Add(new("limit.workers", 60, $"{limit.Where}: {limit.Words}; each socket takes two") { Remedy = "worker_connections 4096; with worker_rlimit_nofile to match" });
    }

    private static void JudgeServer(NginxDirective server, bool byName, List<NginxDirective> servers, ReadingQuestion q, List<Clue> clues)
    {
        foreach (var listen in server.All("listen").Where(l => NginxMatch.PortOf(l.Arg(0)) == q.Port))
        {
            if (listen.Args.Contains("proxy_protocol")) clues.Add(new("proxy.proxy_protocol_expected", 80, $"{listen.Where}: {listen.Words}"));
            if (listen.Args.Contains("http2") && !listen.Args.Contains("ssl")) clues.Add(new("proxy.http2_only", 60, $"{listen.Where}: {listen.Words}; without ssl nginx before 1.25 takes HTTP/2 only"));
        }
        if (server.One("ssl_verify_client") is { } verify && verify.Arg(0) == "on") clues.Add(new("tls.client_cert_required", 80, $"{verify.Where}: {verify.Words}"));
        if (NginxMatch.Inherited(server, "ssl_protocols") is [var protocols, ..] && !protocols.Args.Any(a => a is "TLSv1.2" or "TLSv1.3")) clues.Add(new("tls.old_protocol", 80, $"{protocols.Where}: {protocols.Words}"));
        if (NginxMatch.Inherited(server, "large_client_header_buffers") is [var buffers, ..]) clues.Add(new("limit.header_size", 60, $"{buffers.Where}: {buffers.Words}"));
        if (!byName && servers.SelectMany(s => s.All("server_name")).SelectMany(n => n.Args).Any(n => n is not ("_" or "")))
        {
            var names = string.Join(", ", servers.Where(s => NginxMatch.Listens(s, q.Port)).SelectMany(s => s.All("server_name")).SelectMany(n => n.Args).Distinct().Take(8));
            var only = servers.Count(s => NginxMatch.Listens(s, q.Port)) == 1;
            var edits = NameInto(servers, q);
            clues.Add(new("proxy.wrong_vhost", only ? 10 : 80, $"no server_name on port {q.Port} is {q.Host} (there are: {names}); {server.Where} answers by default") { Edits = edits });
            clues.Add(new("tls.wrong_vhost_cert", 80, $"no server_name on port {q.Port} is {q.Host} (there are: {names})") { Edits = edits });
        }
        var others = servers.Where(s => s != server && NginxMatch.Listens(s, q.Port) && s.All("server_name").Any(n => n.Args.Contains(q.Host))).ToList();
        if (byName && others.Count > 0) clues.Add(new("config.other_file_serves", 20, $"{others[0].Where} names {q.Host} too, but {server.Where} comes first and wins"));
    }

    /// <summary>The name goes into the one block of this port that is made for the socket; with none or several a person decides.</summary>
    private static List<Edit> NameInto(List<NginxDirective> servers, ReadingQuestion q)
    {
        var made = servers.Where(s => NginxMatch.Listens(s, q.Port) && NginxMatch.Location(s, q.Path).Chosen is { } l && l.One("proxy_pass") is not null && Upgrades(l)).ToList();
        return made.Count == 1 && made[0].One("server_name") is { } name ? [new Edit(name.File.Path, name.End - 1, 0, " " + q.Host)] : [];
    }

    /// <summary>A whole location, where the operator said which server it is for.</summary>
    private static List<Edit> NewLocation(NginxDirective server, ReadingQuestion q)
    {
        if (q.Backend is null || q.Folder.Length <= 1) return [];
        return
        [
            Insert(server, string.Join('\n',
            [
                $"location {q.Folder}/ {{", $"    proxy_pass http://{q.Backend};", "    " + VersionLine, "    " + UpgradeLine, "    " + ConnectionLine,
                "    proxy_set_header Host $host;", "    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;", "    proxy_read_timeout 75s;", "}",
            ])),
        ];
    }

    private static void JudgeNoPass(NginxDirective server, bool byName, NginxDirective? location, List<NginxDirective> candidates, ReadingQuestion q, List<Clue> clues)
    {
        var where = location is null ? $"{server.Where}: no location matches {q.Path}" : $"{location.Where}: {location.Words} serves {q.Path}";
        // A location written for this socket that misses the path, for example only digits or only the bare folder.
        var meant = candidates.FirstOrDefault(c => Upgrades(c) && Near(c, q)) ?? candidates.FirstOrDefault(c => Near(c, q));
        var fallback = location?.One("try_files") ?? (location is null ? server.One("try_files") : null);
        if (meant is not null) clues.Add(new("proxy.location_mismatch", 90, $"{where}; {meant.Where}: {meant.Words} does not match"));
        else if (fallback?.Args.Any(a => a.EndsWith(".html", StringComparison.Ordinal)) == true) clues.Add(new("proxy.static_fallback", 60, $"{where}; {fallback.Words}"));
        // A block for other names answers: what is missing is not a location but a block for this name.
        var stranger = byName ? null : server.All("server_name").SelectMany(n => n.Args).FirstOrDefault(n => n is not ("_" or "" or "localhost"));
        if (stranger is not null) clues.Add(new("proxy.wrong_vhost", 100, $"{where}, and that block is for {stranger}: no block is for {q.Host}"));
        clues.Add(new("proxy.location_missing", meant is null && stranger is null ? 60 : 5, where) { Edits = stranger is null ? NewLocation(server, q) : [] });
    }

    private static bool Near(NginxDirective location, ReadingQuestion q)
    {
        var pattern = NginxMatch.Split(location).Pattern;
        return pattern.Contains(q.Folder, StringComparison.Ordinal) || (q.Folder.Length > 1 && pattern.TrimStart('^').StartsWith(q.Folder[..Math.Max(2, q.Folder.LastIndexOf('/'))], StringComparison.Ordinal) && pattern.Contains("ws", StringComparison.OrdinalIgnoreCase));
    }

    private static void JudgeTimes(NginxDirective location, List<Clue> clues)
    {
        if (NginxMatch.Inherited(location, "proxy_read_timeout") is [.., var read] && NginxMatch.Seconds(read.Arg(0)) < PingPause)
            clues.Add(new("tunnel.idle_timeout", 60, $"{read.Where}: {read.Words}") { Edits = [new(read.File.Path, read.Start, read.End - read.Start, "proxy_read_timeout 75s;")] });
    }
}
