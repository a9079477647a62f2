using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Tieline.Core.Accounts;
using Tieline.Core.Delivery;
using Tieline.Core.Limits;
using Tieline.Core.Presence;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;
using Tieline.Server.Accounts;
using Tieline.Server.Attachments;
using Tieline.Server.Bus;
using Tieline.Server.Configuration;
using Tieline.Server.Diagnosis;
using Tieline.Server.Live;
using Tieline.Server.Postgres;
using Tieline.Server.Sockets;

namespace Tieline.Server;

/// <summary>One running server: everything that its endpoints and lines share.</summary>
internal sealed class ChatServer : IAsyncDisposable
{
    /// <summary>Conversations in a snapshot; the rest comes by page.</summary>
    public const int SnapshotSize = 200;

    /// <summary>What <c>hello</c> says this server can do.</summary>
    public static readonly IReadOnlyList<string> Features =
    [
        "history", "receipts", "block", "mute", "mute_until", "clear", "people", "groups", "search",
        "edit", "delete", "react", "reply", "forward", "mention", "pin", "star", "draft", "disappear", "attachments",
        "typing", "presence", "privacy", "report",
    ];

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly DataFolder _folder;
    private readonly IReadOnlyList<string> _features;
    private readonly IMessageStore _store;
    private readonly SharedLimits _limits;

    public ChatServer(TielineOptions options, TimeProvider time, ILoggerFactory logs)
    {
        (Options, Time, Log) = (options, time, logs.CreateLogger("Tieline"));
        _features = options.Requests == Requests.On ? [.. Features, "requests"] : Features;
        var board = new OnlineBoard(time, TimeSpan.FromSeconds(options.OfflineAfterSeconds));
        Feeds = new Feeds(board);
        var here = new LocalBus(time);
        Bus = options.Bus == "none" ? here : new RedisBus(options, time, Log);
        Live = new LiveSignals(board, () => _store!, Bus, time, Log);
        _limits = new SharedLimits(Bus, time);
        _folder = DataFolder.Claim(options.Data);
        var secret = JwtSecrets.Load(options);
        Links = new AttachmentLinks(options, time);
        _store = Stores.Open(options, time, Bus.IsShared ? new CommitListeners(Feeds, Live, new CommitHints(Bus)) : new CommitListeners(Feeds, Live), Log, Links, Feeds);
        if (_store is PostgresStore shared) Links.Share(shared.FilesKey);
        Files = FileStores.Open(options, time);
        Uploads = new Uploads(options, Store, Files, time, Log);
        Sweeper = new AttachmentSweeper(Uploads, Store, Files, time, Log);
        Disappearing = new MessageSweeper(Store, time, Log);
        UploadStarts = _limits.Of<AccountKey>("uploads", options.UploadsPerMinute / 60.0, Math.Max(1, options.UploadsPerMinute));
        Tokens = new Tokens(options, secret, new SigningKeys(options, secret, _http, time, Log), time);
        Identities = new Identities(options, Tokens, Store, NewId);
        Tickets = new Tickets(Bus, here, Store);
        Attempts = new Attempts(time, Bus);
        Troubles = new Troubles(time);
        ClientReports = new ClientReports(time);
        Door = new OperatorDoor(options.OperatorToken, time);
        Receipts = new ReceiptCoalescer(Store, time);
        Sends = _limits.Of<AccountKey>("sends", options.SendsPerSecond, options.SendsBurst);
        Signups = _limits.Of<string>("signups", options.SignupsPerMinute / 60.0, options.SignupsBurst);
        PeopleSearches = _limits.Of<AccountKey>("people", options.PeoplePerMinute / 60.0, Math.Max(1, options.PeoplePerMinute));
        Searches = _limits.Of<AccountKey>("searches", 5, 30);
        Commands = _limits.Of<AccountKey>("commands", options.CommandsPerSecond, options.CommandsBurst);
        Watches = _limits.Of<AccountKey>("watches", 1, 10);
        Anonymous = _limits.Of<string>("anonymous", options.AnonymousPerSecond, options.AnonymousBurst);
        Logins = _limits.Of<(string, string)>("logins", options.LoginsPerMinute / 60.0, Math.Max(1, options.LoginsPerMinute));
        Reports = _limits.Of<string>("reports", 10 / 60.0, 10);
        Lines = new Lines(time);
        Proxies = new TrustedProxies(options.TrustedProxies);
        Bus.Start(Store.Epoch, Heard);
    }

    public TielineOptions Options { get; }
    public TimeProvider Time { get; }
    public ILogger Log { get; }
    public IMessageStore Store => _store;
    public Feeds Feeds { get; }

    /// <summary>What other nodes of this store say.</summary>
    public IBus Bus { get; }

    /// <summary>Typing and presence.</summary>
    public LiveSignals Live { get; }
    public Tokens Tokens { get; }
    public Identities Identities { get; }
    public Passwords Passwords { get; } = new();
    public Tickets Tickets { get; }
    public Attempts Attempts { get; }
    public Troubles Troubles { get; }
    public ClientReports ClientReports { get; }
    public OperatorDoor Door { get; }
    public ReceiptCoalescer Receipts { get; }
    public Lines Lines { get; }
    public TrustedProxies Proxies { get; }
    public KeyedLimit<AccountKey> Sends { get; }
    public AttachmentLinks Links { get; }
    public IFileStore Files { get; }
    public Uploads Uploads { get; }
    public AttachmentSweeper Sweeper { get; }
    public MessageSweeper Disappearing { get; }
    public KeyedLimit<AccountKey> UploadStarts { get; }
    public KeyedLimit<string> Signups { get; }
    public KeyedLimit<AccountKey> PeopleSearches { get; }
    public KeyedLimit<AccountKey> Searches { get; }
    public KeyedLimit<string> Reports { get; }

    /// <summary>Everything an account asks beside its sends.</summary>
    public KeyedLimit<AccountKey> Commands { get; }

    /// <summary>Questions for presence, each of which may name many people.</summary>
    public KeyedLimit<AccountKey> Watches { get; }

    /// <summary>Requests from one address without a token that is good.</summary>
    public KeyedLimit<string> Anonymous { get; }

    /// <summary>Logins to one account from one address.</summary>
    public KeyedLimit<(string Address, string Email)> Logins { get; }

    /// <summary>True from the moment the server is told to stop: it takes no new lines.</summary>
    public bool IsStopping => Lines.IsDraining;

    public Timestamp Now => Timestamp.From(Time.GetUtcNow());

    public FrameLimits Limits => new(Options.FrameBytes, Options.SendsPerSecond, Options.SendsBurst);

    /// <summary>The first frame of a line, the same over socket and stream.</summary>
    public HelloFrame Hello(Account account, long head, bool resumed) =>
        new(2, Store.Epoch, head, resumed, NewId(), Options.PingSeconds, Now, Limits, _features) { User = account.Id };

    /// <summary>A random id of 16 characters, 96 bits.</summary>
    public static string NewId()
    {
        Span<byte> bytes = stackalloc byte[12];
        string id;
        do
        {
            RandomNumberGenerator.Fill(bytes);
            id = Base64Url.EncodeToString(bytes);
        }
        while (id[0] is '_' or '-');
        return id;
    }

    private void Heard(BusWord word)
    {
        if (word is not HintsWord hints)
        {
            Live.Heard(word);
            return;
        }

        foreach (var (account, head) in hints.Heads) Feeds.Raise(account, head);
    }

    public async ValueTask DisposeAsync()
    {
        Lines.Dispose();
        Receipts.Dispose();
        Live.Dispose();
        _limits.Dispose();
        await Store.DisposeAsync();
        // After the last commit, of which it tells.
        await Bus.DisposeAsync();
        Uploads.Dispose();
        Files.Dispose();
        _http.Dispose();
        _folder.Dispose();
    }
}
