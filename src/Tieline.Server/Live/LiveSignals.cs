using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Limits;
using Tieline.Core.Presence;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;
using Tieline.Server.Bus;

namespace Tieline.Server.Live;

/// <summary>
/// What is told and not stored: typing, and who is there. It goes to the lines of this node, and by the bus to those of the others; what is lost on the way costs a
/// moment's news. Who may know what is asked of the store each time, so that a block or a privacy setting holds at once.
/// </summary>
internal sealed class LiveSignals : ICommitListener, IDisposable
{
    private const int SeenPerSecond = 500;
    private const int TicksToRetell = 4;
    private static readonly TimeSpan _tick = TimeSpan.FromSeconds(1);

    private readonly OnlineBoard _board;
    private readonly Func<IMessageStore> _store;
    private readonly ILogger _log;
    private readonly IBus _bus;
    private readonly SharedPresence _presence;
    private readonly LiveLines _lines = new();
    private readonly KeyedLimit<(AccountKey, string)> _typing;
    private readonly Channel<Due> _due = Channel.CreateUnbounded<Due>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<Due> _waiting = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _timer;
    private int _ticksToRetell;

    public LiveSignals(OnlineBoard board, Func<IMessageStore> store, IBus bus, TimeProvider time, ILogger log)
    {
        (_board, _store, _bus, _log) = (board, store, bus, log);
        _presence = new SharedPresence(board, bus, log);
        // One mark for each two seconds, of one person in one conversation.
        _typing = new KeyedLimit<(AccountKey, string)>(0.5, 1, time);
        board.Changed = account =>
        {
            _presence.Show(account);
            Retell(account, cameOrWentHere: true);
        };
        _timer = time.CreateTimer(_ => Tick(), null, _tick, _tick);
        _ = RetellAsync();
    }

    public LiveLine Attach(Account account, Action wake, bool watchesByPost)
    {
        var line = new LiveLine(account, wake, watchesByPost);
        _lines.Add(line);
        return line;
    }

    public void Detach(LiveLine line) => _lines.Remove(line);

    /// <summary>Passes on that somebody types, to those who may know.</summary>
    /// <returns>Null, or why it is refused.</returns>
    public async ValueTask<Refused?> TypeAsync(Account who, string conversation, CancellationToken cancel)
    {
        var audience = await _store().ReadTypingAudienceAsync(who.Key, conversation, cancel);
        if (audience is null) return new Refused(WireError.NotFound, "There is no such conversation.");
        if (audience.Count > 0 && _typing.TryTake((who.Key, conversation)) == TimeSpan.Zero)
        {
            Deliver(new ServerTypingFrame(conversation, who.Id), audience);
            _bus.Tell(new TypingWord(conversation, who.Id, audience));
        }

        return null;
    }

    /// <summary>Watches these people over one line from now on, and tells at once how it stands.</summary>
    public async ValueTask WatchAsync(LiveLine line, IReadOnlyList<string> users, CancellationToken cancel)
    {
        var sights = await _store().ReadSightsAsync(line.Account.Key, users, cancel);
        _lines.Watch(line, [.. sights.Select(sight => sight.Account)]);
        // Read again after the list stands: whoever came or went in between is told of here or by the change.
        await TellAsync(line, await _store().ReadSightsAsync(line.Account.Key, users, cancel));
    }

    /// <summary>The same for the lines over which a client cannot speak.</summary>
    public async ValueTask WatchByPostAsync(Account who, IReadOnlyList<string> users, CancellationToken cancel)
    {
        foreach (var line in _lines.Of(who.Key))
            if (line.WatchesByPost) await WatchAsync(line, users, cancel);
    }

    /// <summary>How it stands with these people, as far as the viewer may know.</summary>
    public async ValueTask<IReadOnlyList<PresenceFrame>> ReadAsync(AccountKey viewer, IReadOnlyList<string> users, CancellationToken cancel)
    {
        var sights = await _store().ReadSightsAsync(viewer, users, cancel);
        var (there, _) = await _presence.LookAsync(sights);
        return [.. sights.Select(sight => PresenceOf(sight, there)).OfType<PresenceFrame>()];
    }

    /// <summary>What another node says of typing and presence.</summary>
    public void Heard(BusWord word)
    {
        switch (word)
        {
            case TypingWord typing:
                Deliver(new ServerTypingFrame(typing.Conversation, typing.User), typing.Audience);
                break;
            case PresenceWord presence:
                Retell(presence.Account);
                break;
            case AnewWord:
                _presence.ShowAll();
                // Not before the other nodes have said it again too, or people would seem to go and come.
                Volatile.Write(ref _ticksToRetell, TicksToRetell);
                break;
            case NodesWord:
                RetellAll();
                break;
        }
    }

    /// <summary>A block or a privacy setting changes who may see whom.</summary>
    public void Committed(IReadOnlyList<LoggedEvent> events)
    {
        foreach (var logged in events)
        {
            if (logged.Kind == EventKind.Relation)
            {
                Retell(logged.Account);
                Retell(logged.Actor!.Value);
            }
            else if (logged.Kind == EventKind.Privacy)
            {
                Retell(logged.Account);
                Retell(logged.Account, asViewer: true);
            }
        }
    }

    /// <summary>Writes down when everybody was last there; called before the store stops.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        _presence.Dispose();
        _stop.Cancel();
        while (_board.TakeUnwritten(SeenPerSecond, all: true) is { Count: > 0 } seen) Submit(seen);
    }

    private void Deliver(ServerTypingFrame typing, IReadOnlyList<AccountKey> audience)
    {
        foreach (var account in audience)
            foreach (var line in _lines.Of(account)) line.Tell(typing);
    }

    /// <summary>Has everybody who watches this account told anew; or, as a viewer, this account of everybody it watches.</summary>
    private void Retell(AccountKey account, bool asViewer = false, bool cameOrWentHere = false)
    {
        if (!asViewer && _lines.WatchersOf(account).Count == 0) return;
        var due = new Due(account, asViewer, cameOrWentHere);
        lock (_waiting)
        {
            if (!_waiting.Add(due)) return;
        }

        _due.Writer.TryWrite(due);
    }

    /// <summary>Anybody may have come or gone.</summary>
    private void RetellAll()
    {
        foreach (var viewer in _lines.Viewers) Retell(viewer, asViewer: true);
    }

    private async Task RetellAsync()
    {
        try
        {
            await foreach (var due in _due.Reader.ReadAllAsync(_stop.Token))
            {
                lock (_waiting) _waiting.Remove(due);
                await RetellAsync(due);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task RetellAsync(Due due)
    {
        try
        {
            var (lines, watched) = due.AsViewer ? (_lines.Of(due.Account), null) : (_lines.WatchersOf(due.Account), (AccountKey[])[due.Account]);
            foreach (var line in lines)
                await TellAsync(line, await _store().ReadSightsAsync(line.Account.Key, watched ?? line.Watched, _stop.Token), keepsOnline: !due.CameOrWentHere);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The next coming or going tells it.
            ServerLog.PresenceFailed(_log, e);
        }
    }

    /// <param name="keepsOnline">Who was told to be online stays so while the other nodes cannot be asked: nothing says that they went.</param>
    private async ValueTask TellAsync(LiveLine line, IReadOnlyList<SeenPerson> sights, bool keepsOnline = false)
    {
        var (there, isWhole) = await _presence.LookAsync(sights);
        foreach (var sight in sights)
        {
            if (keepsOnline && !isWhole && sight.Sight.ShowsOnline && !there[sight.Account].Online) continue;
            line.Tell(sight.Account, sight.Id, PresenceOf(sight, there));
        }
    }

    private static PresenceFrame? PresenceOf(SeenPerson person, IReadOnlyDictionary<AccountKey, Sighting> there)
    {
        if (!person.Sight.IsClear) return null;
        var now = there[person.Account];
        var online = person.Sight.ShowsOnline && now.Online;
        return new PresenceFrame(person.Id, online, person.Sight.ShowsLastSeen && !online ? now.Seen : null);
    }

    private void Tick()
    {
        _board.Sweep();
        _presence.Tick();
        if (Volatile.Read(ref _ticksToRetell) > 0 && Interlocked.Decrement(ref _ticksToRetell) == 0) RetellAll();
        if (_board.TakeUnwritten(SeenPerSecond) is { Count: > 0 } seen) Submit(seen);
    }

    private void Submit(IReadOnlyList<(AccountKey, Timestamp)> seen) => _store().Submit(new Unawaited(new MarkSeen(seen)));

    /// <summary>Who is to be told anew: those who watch an account, or the account of those it watches.</summary>
    /// <param name="CameOrWentHere">On this node, so that what this node knows is told even when no other can be asked.</param>
    private readonly record struct Due(AccountKey Account, bool AsViewer, bool CameOrWentHere);

    /// <summary>What is lost here is when somebody was last there; the next coming or going writes it.</summary>
    private sealed class Unawaited(Command command) : Submission(command)
    {
        public override void Complete(Outcome outcome)
        {
        }

        public override void Lose(Exception reason)
        {
        }
    }
}
