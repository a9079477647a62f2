using System.Buffers;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Messages;
using Tieline.Protocol;
using Tieline.Protocol.Frames;
using Tieline.Server.Accounts;
using Tieline.Server.Diagnosis;
using Tieline.Server.Live;

namespace Tieline.Server.Sockets;

/// <summary>The v2 socket: all conversations of one account, resumed from a cursor.</summary>
internal sealed partial class V2Line : SocketLine
{
    private const int TokenWarningSeconds = 60;

    private readonly string? _since;
    private readonly SendLine _order = new();
    private readonly Dictionary<string, Account> _known = new(StringComparer.Ordinal);
    private DateTimeOffset? _expires;
    private bool _warned;
    private string? _resync;
    private bool _synced;
    private readonly LiveLine _live;

    public V2Line(ChatServer server, SocketConnection socket, Identity identity, Attempt attempt, string? since) : base(server, socket, identity.Account, attempt)
    {
        _since = since;
        _expires = identity.Expires;
        _live = server.Live.Attach(identity.Account, Wake, watchesByPost: false);
    }

    protected override bool UsesProtocolPings => false;

    public override void Tick()
    {
        base.Tick();
        if (_expires is not { } expires) return;
        var left = (expires - Server.Time.GetUtcNow()).TotalSeconds;
        if (left <= 0) Close(CloseCodes.Unauthorized, "The token has expired");
        else if (left <= TokenWarningSeconds && !_warned)
        {
            _warned = true;
            Answer(new TokenExpiringFrame((int)left));
        }
    }

    protected override async Task OpenAsync() => await StartAsync(_since);

    protected override async ValueTask BeforeEventsAsync()
    {
        if (Interlocked.Exchange(ref _resync, null) is { } since) await StartAsync(since);
        foreach (var signal in _live.Box.Take()) Answer(signal);
    }

    protected override void OnEnded() => Server.Live.Detach(_live);

    protected override bool Encode(AccountEvent @event, IBufferWriter<byte> output)
    {
        @event.Write(output);
        return true;
    }

    protected override void OnIdle()
    {
        if (_synced || Reader.IsBehind) return;
        _synced = true;
        Answer(new SyncedFrame(Reader.Cursor, More: false));
    }

    protected override ServerFrame? FarewellOf(int code) => code switch
    {
        CloseCodes.ServiceRestart or CloseCodes.TooSlow or CloseCodes.SlowDown => new GoawayFrame(code, Random.Shared.Next(100, 2_000)),
        CloseCodes.Unauthorized => ErrorFrame.Of(WireError.Unauthorized, "The token has expired"),
        _ => null,
    };

    /// <summary>Says hello and takes up the log where the client left it, or starts it from a snapshot.</summary>
    private async ValueTask StartAsync(string? since)
    {
        _synced = false;
        var resumed = await Reader.ResumeAsync(since, Server.Options.ResumeEvents, Ended);
        var page = resumed ? null : await Server.Store.ReadConversationsAsync(Account.Key, null, ChatServer.SnapshotSize, Ended);
        if (page is not null) Reader.StandAt(page.Head);
        Answer(Server.Hello(Account, Reader.Head, resumed));
        if (page is not null) Answer(new SnapshotFrame(page.Head, page.Conversations, page.Next));
    }
}
