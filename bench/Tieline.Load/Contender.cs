namespace Tieline.Load;

/// <summary>A chat server that takes part: how to start it, who may connect, how its wire speaks, where it stores.</summary>
internal abstract class Contender
{
    public static IReadOnlyList<Contender> All { get; } =
    [
        new TielineContender(), new SignalRContender(oneWriter: false), new NodeContender(), new SignalRContender(oneWriter: true), new RelayContender(),
    ];

    /// <summary>Those that the result is about; the others say how to read it.</summary>
    public static IReadOnlyList<Contender> Main => [.. All.Take(3)];

    public abstract string Name { get; }

    public abstract string Describe { get; }

    /// <summary>False for one that stores nothing: a limit, and no rival.</summary>
    public virtual bool IsDurable => true;

    /// <summary>Program and arguments. Paths in full: it runs in a folder of its own.</summary>
    public abstract IReadOnlyList<string> Command(string folder, int port);

    public virtual IReadOnlyDictionary<string, string> Environment(string folder, int port, string secret) => new Dictionary<string, string>();

    public virtual Task<IReadOnlyList<Person>> PeopleAsync(int count, int port, string secret) =>
        Task.FromResult<IReadOnlyList<Person>>([.. Enumerable.Range(0, count).Select(number => new Person(number, $"{number}", Token.Sign($"{number}", secret)))]);

    public abstract Line Line(Person person, ILineEvents events);

    public abstract string StoreFile(string folder);

    /// <summary>Every stored text, in the order the store gives its messages.</summary>
    public abstract string StoreQuery { get; }
}

internal sealed class SignalRContender(bool oneWriter) : Contender
{
    public override string Name => oneWriter ? "signalr-gated" : "signalr";

    public override string Describe => "ASP.NET Core SignalR + EF Core + SQLite" + (oneWriter ? ", its writers queued at a semaphore" : "");

    public override IReadOnlyList<string> Command(string folder, int port) =>
        [Path.GetFullPath("artifacts/bin/Rival.SignalR/release/Rival.SignalR"), "--urls", $"http://127.0.0.1:{port}"];

    public override IReadOnlyDictionary<string, string> Environment(string folder, int port, string secret) => new Dictionary<string, string>
    {
        ["ConnectionStrings__Chat"] = $"Data Source={StoreFile(folder)}",
        ["Chat__OneWriter"] = $"{oneWriter}",
        ["Jwt__Secret"] = secret,
    };

    public override Line Line(Person person, ILineEvents events) => new SignalRLine(person, events);

    public override string StoreFile(string folder) => Path.Combine(folder, "chat.db");

    public override string StoreQuery => "SELECT Text FROM messages ORDER BY Id";
}

internal sealed class NodeContender : Contender
{
    public override string Name => "ws";

    public override string Describe => "Node ws + better-sqlite3";

    public override IReadOnlyList<string> Command(string folder, int port) => ["node", Path.GetFullPath("bench/rivals/ws/server.js")];

    public override IReadOnlyDictionary<string, string> Environment(string folder, int port, string secret) => new Dictionary<string, string>
    {
        ["NODE_ENV"] = "production",
        ["PORT"] = $"{port}",
        ["DATABASE"] = StoreFile(folder),
        ["JWT_SECRET"] = secret,
    };

    public override Line Line(Person person, ILineEvents events) => new NodeLine(person, events);

    public override string StoreFile(string folder) => Path.Combine(folder, "chat.db");

    public override string StoreQuery => "SELECT text FROM messages ORDER BY id";
}

internal sealed class RelayContender : Contender
{
    public override string Name => "relay";

    public override string Describe => "limit: the framework's WebSocket, nothing stored";

    public override bool IsDurable => false;

    public override IReadOnlyList<string> Command(string folder, int port) =>
        [Path.GetFullPath("artifacts/bin/Limit.Relay/release/Limit.Relay"), "--urls", $"http://127.0.0.1:{port}"];

    public override Line Line(Person person, ILineEvents events) => new NodeLine(person, events);

    public override string StoreFile(string folder) => throw new NotSupportedException();

    public override string StoreQuery => throw new NotSupportedException();
}
