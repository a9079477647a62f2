using System.Globalization;
using System.Net;
using Tieline.Server.Accounts;
using Tieline.Server.Attachments;
using Tieline.Server.Bus;
using Tieline.Server.Postgres;

namespace Tieline.Server.Configuration;

/// <summary>All settings. The option reference in the docs, the flags of <c>tieline serve</c> and <c>tieline config</c> are made from this list.</summary>
public static class Settings
{
    public static IReadOnlyList<Setting> All { get; } =
    [
        Setting.Text("listen", "Address to listen on. Behind a proxy on the same machine keep it on 127.0.0.1.", o => o.Listen, (o, v) => o with { Listen = v },
            "an http:// address with port", CheckListen),
        Setting.Text("data", "Folder of the database and of the generated secret. Made when missing.", o => o.Data, (o, v) => o with { Data = v }, "a folder"),
        Setting.Text("store", "Where messages are kept: sqlite is a file in the data folder; postgres://user:password@host/database is a PostgreSQL that several nodes may share.", o => PostgresAddress.Masked(o.Store), (o, v) => o with { Store = v },
            "sqlite or a postgres:// address", v => v == "sqlite" ? null : PostgresAddress.Check(v)),
        Setting.Number("store_pool", 3, 1_000, "connections", "PostgreSQL: connections that this node opens at most. All nodes together must fit into its max_connections.", o => o.StorePool, (o, v) => o with { StorePool = v }),
        Setting.Switch("store_prepare", "PostgreSQL: keep statements prepared. false behind a pooler in transaction mode, such as pgbouncer.", o => o.StorePrepare, (o, v) => o with { StorePrepare = v }),
        Setting.Text("replicas", "PostgreSQL: streaming replicas that history and searches are read from as long as they keep up, postgres:// addresses separated by commas. Each gets a pool of store_pool connections.", o => PostgresAddress.MaskedList(o.Replicas), (o, v) => o with { Replicas = v },
            "none or postgres:// addresses", PostgresAddress.CheckList),
        Setting.Text("bus", "What several nodes on one PostgreSQL tell each other by, so that they deliver at once and share typing, presence, limits, attempts and tickets: redis://:password@host:6379 (Redis 7 or later; rediss:// over TLS, with ?sslrootcert=file for an authority of your own; the nodes of a cluster separated by commas; redis+sentinel://:password@host:26379,host:26379/service).", o => RedisAddress.Masked(o.Bus), (o, v) => o with { Bus = v },
            RedisAddress.Form, RedisAddress.Check),
        Setting.Text("node", "Name of this node, told in every answer's X-Tieline header.", o => o.Node, (o, v) => o with { Node = v }, "1 to 32 of a-z A-Z 0-9 . -", CheckNode),
        Setting.Text("app", "Folder of the exported chat app, served at /; none: it is not served. Empty: the folder app beside the executable.", o => o.App, (o, v) => o with { App = v },
            "a folder or none"),

        Setting.OneOf("accounts", "builtin: sign-up and login are on. external: tokens come from somebody else.", o => o.Accounts, (o, v) => o with { Accounts = v }),
        Setting.Text("jwt_secret", "Shared secret of HS256 tokens, at least 32 bytes. Generated into the data folder when no key is given and accounts is builtin.",
            o => o.JwtSecret, (o, v) => o with { JwtSecret = v }, "at least 32 bytes", JwtSecrets.Check, secret: true),
        Setting.Text("jwt_secret_file", "File that holds jwt_secret; line breaks at its end do not count.", o => o.JwtSecretFile, (o, v) => o with { JwtSecretFile = v }, "a file"),
        Setting.Text("jwt_issuer", "Tokens must have this iss. Empty: not checked, unless authority names one.", o => o.JwtIssuer, (o, v) => o with { JwtIssuer = v }),
        Setting.Text("jwt_audience", "Tokens must have this aud. Empty: not checked.", o => o.JwtAudience, (o, v) => o with { JwtAudience = v }),
        Setting.Text("jwks", "Address or file of a JSON Web Key Set for RS256, ES256 and EdDSA tokens.", o => o.Jwks, (o, v) => o with { Jwks = v }, "an https:// address or a file", CheckKeySet),
        Setting.Text("authority", "OpenID Connect authority; its keys and issuer are found by discovery.", o => o.Authority, (o, v) => o with { Authority = v }, "an https:// address", CheckAuthority),
        Setting.Text("identity_claim", "The claim that names the account: a value with @ is an e-mail, any other an id.", o => o.IdentityClaim, (o, v) => o with { IdentityClaim = v }, "the name of a claim"),
        Setting.OneOf("unknown_accounts", "What to do with a valid token for nobody we know: refuse it, or create the account.", o => o.UnknownAccounts, (o, v) => o with { UnknownAccounts = v }),
        Setting.Number("token_days", 1, 3650, "days", "How long a token of sign-up or login is valid.", o => o.TokenDays, (o, v) => o with { TokenDays = v }),

        Setting.Text("origins", "Web origins that may call, separated by commas; * for any. When set, the WebSocket checks Origin too.", o => o.Origins, (o, v) => o with { Origins = v },
            "* or origins such as https://app.example", CheckOrigins),
        Setting.Text("trusted_proxies", "Addresses whose X-Forwarded-For is believed, separated by commas.", o => o.TrustedProxies, (o, v) => o with { TrustedProxies = v },
            "addresses or networks such as 10.0.0.0/8", CheckNetworks),
        Setting.Text("operator_token", "Opens the operator's page /operate and the moderators' queue, and lets its bearer see forwarded addresses in the diagnostic echo and in attempts. Empty: nobody does.", o => o.OperatorToken,
            (o, v) => o with { OperatorToken = v }, "at least 16 characters", v => v.Length is > 0 and < 16 ? "must have at least 16 characters" : null, secret: true),

        Setting.Number("ping_s", 1, 300, "s", "The server pings a line on which it has sent nothing for so long.", o => o.PingSeconds, (o, v) => o with { PingSeconds = v }),
        Setting.Number("frame_bytes", 1_024, 1_048_576, "bytes", "Largest frame or request body taken.", o => o.FrameBytes, (o, v) => o with { FrameBytes = v }),
        Setting.Number("sends_per_s", 0, 1_000_000, "a second", "Messages an account may send; 0: no limit. A WebSocket is read more slowly, HTTP gets 429.", o => o.SendsPerSecond, (o, v) => o with { SendsPerSecond = v }),
        Setting.Number("sends_burst", 1, 1_000_000, "messages", "Messages an account may send at once after a rest.", o => o.SendsBurst, (o, v) => o with { SendsBurst = v }),
        Setting.Number("signups_per_min", 0, 1_000_000, "a minute", "Sign-ups and logins from one address; 0: no limit.", o => o.SignupsPerMinute, (o, v) => o with { SignupsPerMinute = v }),
        Setting.Number("signups_burst", 1, 1_000_000, "requests", "Sign-ups and logins from one address at once after a rest.", o => o.SignupsBurst, (o, v) => o with { SignupsBurst = v }),
        Setting.Number("people_per_min", 0, 1_000_000, "a minute", "Searches for people by one account; 0: no limit.", o => o.PeoplePerMinute, (o, v) => o with { PeoplePerMinute = v }),
        Setting.Number("commands_per_s", 0, 1_000_000, "a second", "What an account may ask beside its sends; 0: no limit. Over it HTTP gets 429, a WebSocket an error rate_limited.", o => o.CommandsPerSecond, (o, v) => o with { CommandsPerSecond = v }),
        Setting.Number("commands_burst", 1, 1_000_000, "commands", "What an account may ask at once after a rest.", o => o.CommandsBurst, (o, v) => o with { CommandsBurst = v }),
        Setting.Number("anonymous_per_s", 0, 1_000_000, "a second", "Requests from one address without a good token; 0: no limit. Behind a proxy that is not in trusted_proxies all clients have one address.", o => o.AnonymousPerSecond, (o, v) => o with { AnonymousPerSecond = v }),
        Setting.Number("anonymous_burst", 1, 1_000_000, "requests", "Requests from one address without a good token at once after a rest.", o => o.AnonymousBurst, (o, v) => o with { AnonymousBurst = v }),
        Setting.Number("logins_per_min", 0, 1_000_000, "a minute", "Logins to one account from one address, and as many at once after a rest; 0: no limit.", o => o.LoginsPerMinute, (o, v) => o with { LoginsPerMinute = v }),
        Setting.OneOf("requests", "on: a first message from somebody with whom one shares no chat is a request, that neither counts as unread nor tells the sender anything until it is answered or accepted.", o => o.Requests, (o, v) => o with { Requests = v }),
        Setting.Number("offline_after_s", 0, 300, "s", "How long after its last line closed an account still counts as online.", o => o.OfflineAfterSeconds, (o, v) => o with { OfflineAfterSeconds = v }),
        Setting.Switch("people_prefix", "Let people be found by the beginning of a username or e-mail, not only by the whole of it.", o => o.PeoplePrefix, (o, v) => o with { PeoplePrefix = v }),
        Setting.Number("resume_events", 100, 1_000_000, "events", "A client that missed more than this starts from a snapshot.", o => o.ResumeEvents, (o, v) => o with { ResumeEvents = v }),
        Setting.Number("log_days", 1, 36_500, "days", "How long events are kept for resuming. Messages stay: see retention_days.", o => o.LogDays, (o, v) => o with { LogDays = v }),
        Setting.Number("retention_days", 0, 36_500, "days", "How long messages are kept, with their files; 0: for ever. With PostgreSQL they go by whole parts, so up to a quarter of a year later. Give all nodes the same.", o => o.RetentionDays, (o, v) => o with { RetentionDays = v }),
        Setting.Number("drain_s", 1, 60, "s", "How long a stopping server waits for its lines to close.", o => o.DrainSeconds, (o, v) => o with { DrainSeconds = v }),

        Setting.Text("edit_window", "For how many minutes after it was sent a message may be edited; 0: never.", o => o.EditWindow, (o, v) => o with { EditWindow = v },
            "a number of minutes or unlimited", CheckEditWindow),
        Setting.Number("upload_bytes", 1_024, int.MaxValue, "bytes", "Largest file that can be attached.", o => o.UploadBytes, (o, v) => o with { UploadBytes = v }),
        Setting.Number("upload_quota_bytes", 1_024, int.MaxValue, "bytes", "What one account may have in unfinished uploads at once.", o => o.UploadQuotaBytes, (o, v) => o with { UploadQuotaBytes = v }),
        Setting.Number("uploads_per_min", 0, 1_000_000, "a minute", "Uploads an account may begin; 0: no limit.", o => o.UploadsPerMinute, (o, v) => o with { UploadsPerMinute = v }),
        Setting.Number("image_megapixels", 1, 500, "million pixels", "Images with more are refused: decoding them would exhaust phones and this server.", o => o.ImageMegapixels, (o, v) => o with { ImageMegapixels = v }),
        Setting.Number("file_link_min", 1, 1_440, "minutes", "How long the address of a file is good at least; at most twice as long.", o => o.FileLinkMinutes, (o, v) => o with { FileLinkMinutes = v }),

        Setting.Text("files", "Where attachments lie: in the data folder, or in a bucket of an S3-compatible store.", o => o.Files, (o, v) => o with { Files = v }, S3Address.Form, S3Address.Check),
        Setting.Text("files_key", "Id of the access key of that store.", o => o.FilesKey, (o, v) => o with { FilesKey = v }),
        Setting.Text("files_secret", "Secret of the access key. Better in files_secret_file.", o => o.FilesSecret, (o, v) => o with { FilesSecret = v }, secret: true),
        Setting.Text("files_secret_file", "File that holds files_secret; line breaks at its end do not count.", o => o.FilesSecretFile, (o, v) => o with { FilesSecretFile = v }, "a file"),

        Setting.Text("post_text", "v1: the text of a shared post that has none.", o => o.PostText, (o, v) => o with { PostText = v }),
        Setting.Text("story_text", "v1: the text of a story reply that has none.", o => o.StoryText, (o, v) => o with { StoryText = v }),
        Setting.OneOf("log_format", "text for people, json for collectors.", o => o.LogFormat, (o, v) => o with { LogFormat = v }),
    ];

    public static Setting? Find(string name) => All.FirstOrDefault(setting => setting.Name == name);

    private static string? CheckEditWindow(string value) =>
        value == "unlimited" || (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) && minutes <= 5_256_000)
            ? null : "must be a whole number of minutes, 0 for never, or unlimited";

    private static string? CheckListen(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var address) && address.Scheme == "http" && address.AbsolutePath == "/"
            ? null
            : "must be an address such as http://127.0.0.1:8000 (TLS is the proxy's: see tieline proxy nginx)";

    private static string? CheckNode(string value) =>
        value.Length is > 0 and <= 32 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-') ? null : "must be 1 to 32 letters, digits, dots or dashes";

    private static string? CheckAuthority(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var address) && (address.Scheme == "https" || address is { Scheme: "http", IsLoopback: true }) ? null : "must be an https:// address";

    /// <summary>Keys that come over plain HTTP may be anybody's.</summary>
    private static string? CheckKeySet(string value) => value.Contains("://", StringComparison.Ordinal) ? CheckAuthority(value) : value.Length == 0 ? "must be an address or a file" : null;

    private static string? CheckOrigins(string value) =>
        value == "*" || value.Split(',').All(origin => Uri.TryCreate(origin.Trim(), UriKind.Absolute, out var address)
            && address.Scheme is "http" or "https" && address.GetLeftPart(UriPartial.Authority) == origin.Trim())
            ? null : "must be * or a list of origins such as https://app.example, without a path";

    private static string? CheckNetworks(string value) =>
        value.Length == 0 || value.Split(',').All(network => IPNetwork.TryParse(network.Trim(), out _) || IPAddress.TryParse(network.Trim(), out _))
            ? null : "must be a list of addresses or networks such as 127.0.0.1,10.0.0.0/8";
}
