using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tieline.Doctor.Targets;

namespace Tieline.Cli.Commands;

/// <summary>The flags of <c>tieline doctor</c> and how they become options.</summary>
internal sealed class DoctorFlags
{
    public Argument<string?> Url { get; } = new("url") { Description = "The socket, for example wss://chat.example.org/api/chat/ws/bob.", Arity = ArgumentArity.ZeroOrOne };
    public Option<string?> Token { get; } = new("--token") { Description = "Token for ?token=; better in a file, where no process list shows it." };
    public Option<string?> TokenFile { get; } = new("--token-file") { Description = "File that holds the token." };
    public Option<string[]> Resolve { get; } = new("--resolve") { Description = "HOST:ADDRESS, instead of asking the name service. Repeatable." };
    public Option<string?> Ca { get; } = new("--ca") { Description = "Root certificates to trust (PEM) in place of the system's." };
    public Option<string?> Echo { get; } = new("--echo") { Description = "Address of the diagnostic echo; 'none' asks none; default: _diag beside the socket." };
    public Option<bool> EchoOk { get; } = new("--echo-ok") { Description = "The socket is an echo: data frames may be sent." };
    public Option<string?> Backend { get; } = new("--backend") { Description = "The server itself, past every proxy, for example http://127.0.0.1:8000. On the server's machine the proxies' files and logs are then looked for too." };
    public Option<string[]> Inner { get; } = new("--inner") { Description = "A proxy behind the first one. Repeatable." };
    public Option<string[]> Config { get; } = new("--config") { Description = "Configuration file of a proxy. Repeatable." };
    public Option<string[]> Log { get; } = new("--log") { Description = "Log of a proxy or of the server. Repeatable." };
    public Option<bool> OutsideOnly { get; } = new("--outside-only") { Description = "Look at nothing but the public address." };
    public Option<string?> Known { get; } = new("--known") { Description = "A path that the application answers; default: 'test' in the folder above the socket's." };
    public Option<string?> Page { get; } = new("--page") { Description = "The page that opens the socket, for mixed content and Origin." };
    public Option<string?> Subprotocol { get; } = new("--subprotocol") { Description = "Subprotocols that the client asks for." };
    public Option<string?> ForwardProxy { get; } = new("--forward-proxy") { Description = "The network's forward proxy; default: HTTPS_PROXY or HTTP_PROXY." };
    public Option<int> Hold { get; } = new("--hold") { Description = "Seconds to watch idle lines; 0 leaves it out, 70 sees the defaults of most proxies.", DefaultValueFactory = _ => 25 };
    public Option<bool> Json { get; } = new("--json") { Description = "Print the report as JSON." };

    public Option<bool> Fix { get; } = new("--fix") { Description = "Mend what is certain: backup, edit, syntax test, reload, proof; rolled back on any failure." };
    public Option<bool> DryRun { get; } = new("--dry-run") { Description = "Show what --fix would change, and change nothing." };
    public Option<bool> Watch { get; } = new("--watch") { Description = "Look again and again: a line while nothing changes, the whole report when something does." };
    public Option<int> Every { get; } = new("--every") { Description = "With --watch: seconds between two looks.", DefaultValueFactory = _ => 30 };
    public Option<string?> Explain { get; } = new("--explain") { Description = "Explain a code, for example TL404." };
    public Option<bool> ListChecks { get; } = new("--list-checks") { Description = "List the checks." };
    public Option<bool> ClientCatalogue { get; } = new("--client-catalogue") { Description = "Print what the TypeScript client says of the same faults.", Hidden = true };

    public void AddTo(Command command)
    {
        command.Arguments.Add(Url);
        foreach (var option in (Option[])[Token, TokenFile, Resolve, Ca, Echo, EchoOk, Backend, Inner, Config, Log, OutsideOnly, Known, Page, Subprotocol, ForwardProxy, Hold, Json, Fix, DryRun, Watch, Every, Explain, ListChecks, ClientCatalogue])
            command.Options.Add(option);
    }

    public DoctorOptions? Read(ParseResult parsed, out string why)
    {
        if (parsed.GetValue(Url) is not { } url)
        {
            why = "Which socket? For example: tieline doctor wss://chat.example.org/api/chat/ws/bob --token-file FILE";
            return null;
        }
        try
        {
            var token = parsed.GetValue(TokenFile) is { } file ? File.ReadAllText(file).Trim() : parsed.GetValue(Token);
            if (Target.Parse(url, token, out why) is not { } target) return null;
            var outside = parsed.GetValue(OutsideOnly);
            var echo = parsed.GetValue(Echo);
            var resolve = Pairs(parsed.GetValue(Resolve) ?? []);
            var forward = ForwardOf(parsed.GetValue(ForwardProxy), target, resolve);
            return new DoctorOptions
            {
                Target = target,
                Resolve = resolve,
                Trusted = parsed.GetValue(Ca) is { } ca ? Roots(ca) : [],
                NoEcho = echo == "none",
                EchoPath = echo is null or "none" or "auto" ? null : Uri.TryCreate(echo, UriKind.Absolute, out var uri) && uri.Scheme != "file" ? uri.PathAndQuery : echo,
                EchoOk = parsed.GetValue(EchoOk),
                Backend = outside ? null : PlaceOf(parsed.GetValue(Backend)),
                Inner = outside ? [] : [.. (parsed.GetValue(Inner) ?? []).Select(i => PlaceOf(i)!)],
                ConfigFiles = outside ? [] : parsed.GetValue(Config) ?? [],
                LogFiles = outside ? [] : parsed.GetValue(Log) ?? [],
                KnownPath = parsed.GetValue(Known),
                Page = parsed.GetValue(Page) is { } page ? new Uri(page) : null,
                Subprotocol = parsed.GetValue(Subprotocol),
                ForwardProxy = forward is null ? null : Endpoint.Of(forward),
                ForwardLogin = forward?.UserInfo is { Length: > 0 } login ? Uri.UnescapeDataString(login) : null,
                Hold = TimeSpan.FromSeconds(Math.Max(0, parsed.GetValue(Hold))),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or UriFormatException or CryptographicException)
        {
            why = e.Message;
            return null;
        }
    }

    private static Dictionary<string, IPAddress> Pairs(string[] texts)
    {
        var pairs = new Dictionary<string, IPAddress>(StringComparer.OrdinalIgnoreCase);
        foreach (var text in texts)
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            // curl writes HOST:PORT:ADDRESS; the port is not needed here and does no harm.
            var address = colon < 0 ? "" : text[(colon + 1)..];
            if (!IPAddress.TryParse(address, out var parsed) && !IPAddress.TryParse(address[(address.IndexOf(':', StringComparison.Ordinal) + 1)..], out parsed))
                throw new FormatException($"--resolve '{text}' is not HOST:ADDRESS.");
            pairs[text[..colon]] = parsed;
        }
        return pairs;
    }

    private static X509Certificate2Collection Roots(string path)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(path);
        return roots;
    }

    private static Endpoint? PlaceOf(string? text)
    {
        if (text is null) return null;
        if (!text.Contains("://", StringComparison.Ordinal)) text = "http://" + text;
        return Endpoint.Of(new Uri(text));
    }

    /// <summary>The usual variables; NO_PROXY lists names that go straight.</summary>
    private static Uri? ForwardOf(string? flag, Target target, Dictionary<string, IPAddress> resolve)
    {
        var text = flag;
        if (text is null)
        {
            string? Variable(string name) => Environment.GetEnvironmentVariable(name) ?? Environment.GetEnvironmentVariable(name.ToUpperInvariant());
            var exempt = (Variable("no_proxy") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (exempt.Any(e => e == "*" || target.Front.Host.EndsWith(e.TrimStart('.'), StringComparison.OrdinalIgnoreCase))) return null;
            text = Variable(target.Front.Secure ? "https_proxy" : "http_proxy") ?? Variable("all_proxy");
        }
        if (string.IsNullOrEmpty(text) || text == "none") return null;
        var proxy = new Uri(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text);
        // This machine's own address, given by hand, cannot be meant to lie behind a proxy elsewhere.
        var here = resolve.TryGetValue(target.Front.Host, out var address) && IPAddress.IsLoopback(address);
        return flag is null && here && !proxy.IsLoopback ? null : proxy;
    }
}
