namespace Tieline.Server.Configuration;

public enum AccountSource
{
    /// <summary>Sign-up and login are on; tokens are signed with the server's own secret.</summary>
    Builtin,

    /// <summary>No sign-up and no login: tokens come from somebody else.</summary>
    External,
}

public enum UnknownAccounts
{
    /// <summary>A valid token for nobody we know is refused: <c>User not found</c>.</summary>
    Refuse,

    /// <summary>The account is made when its token is first seen.</summary>
    Create,
}

public enum Requests
{
    /// <summary>Anybody's first message is a chat.</summary>
    Off,

    /// <summary>A stranger's first message is a request.</summary>
    On,
}

public enum LogFormat
{
    Text,
    Json,
}

/// <summary>Everything that can be set, with its defaults. Names, meanings and limits: <see cref="Settings"/>.</summary>
public sealed partial record TielineOptions
{
    public string Listen { get; init; } = "http://127.0.0.1:8000";
    public string Data { get; init; } = "./data";
    public string Store { get; init; } = "sqlite";
    public int StorePool { get; init; } = 20;
    public bool StorePrepare { get; init; } = true;
    public string Replicas { get; init; } = "none";
    public string Bus { get; init; } = "none";
    public string Node { get; init; } = "n1";
    public string? App { get; init; }

    public AccountSource Accounts { get; init; } = AccountSource.Builtin;
    public string? JwtSecret { get; init; }
    public string? JwtSecretFile { get; init; }
    public string? JwtIssuer { get; init; }
    public string? JwtAudience { get; init; }
    public string? Jwks { get; init; }
    public string? Authority { get; init; }
    public string IdentityClaim { get; init; } = "sub";
    public UnknownAccounts UnknownAccounts { get; init; } = UnknownAccounts.Refuse;
    public int TokenDays { get; init; } = 30;

    public string Origins { get; init; } = "*";
    public string TrustedProxies { get; init; } = "127.0.0.0/8,::1";
    public string? OperatorToken { get; init; }

    public int PingSeconds { get; init; } = 20;
    public int FrameBytes { get; init; } = 65_536;
    public int SendsPerSecond { get; init; } = 100;
    public int SendsBurst { get; init; } = 1_000;
    public int SignupsPerMinute { get; init; } = 10;
    public int SignupsBurst { get; init; } = 20;
    public int PeoplePerMinute { get; init; } = 60;
    public int CommandsPerSecond { get; init; } = 100;
    public int CommandsBurst { get; init; } = 1_000;
    public int AnonymousPerSecond { get; init; } = 50;
    public int AnonymousBurst { get; init; } = 500;
    public int LoginsPerMinute { get; init; } = 10;
    public Requests Requests { get; init; } = Requests.Off;
    public int OfflineAfterSeconds { get; init; } = 15;
    public int ResumeEvents { get; init; } = 10_000;
    public int LogDays { get; init; } = 90;
    public int RetentionDays { get; init; }
    public int DrainSeconds { get; init; } = 8;
    public bool PeoplePrefix { get; init; }

    public string EditWindow { get; init; } = "15";
    public int UploadBytes { get; init; } = 26_214_400;
    public int UploadQuotaBytes { get; init; } = 104_857_600;
    public int UploadsPerMinute { get; init; } = 60;
    public int ImageMegapixels { get; init; } = 50;
    public int FileLinkMinutes { get; init; } = 60;
    public string Files { get; init; } = "folder";
    public string? FilesKey { get; init; }
    public string? FilesSecret { get; init; }
    public string? FilesSecretFile { get; init; }

    public string PostText { get; init; } = "Hey, Look out this Dish 🍽";
    public string StoryText { get; init; } = "📷 Replied to story";

    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>Where the exported app is looked for, null when none shall be served.</summary>
    internal string? AppFolder => App switch
    {
        "none" => null,
        null or "" => Path.Combine(AppContext.BaseDirectory, "app"),
        _ => Path.GetFullPath(App),
    };

    internal IReadOnlyList<string> OriginList => Origins.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Secrets never print.</summary>
    public override string ToString() => $"Tieline at {Listen}, data in {Data}";
}
