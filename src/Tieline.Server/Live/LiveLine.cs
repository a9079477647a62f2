using Tieline.Core.Accounts;
using Tieline.Core.Presence;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Live;

/// <summary>One open line as far as it is told what is not stored: who types, and the presence of those it watches.</summary>
/// <param name="wake">Asks the line to look into <see cref="Box"/>. Must return at once.</param>
/// <param name="watchesByPost">True for a line over which the client cannot speak: what it watches is said by POST, for all such lines of the account.</param>
internal sealed class LiveLine(Account account, Action wake, bool watchesByPost)
{
    private readonly Lock _lock = new();
    private Dictionary<AccountKey, PresenceFrame?> _told = [];

    public Account Account { get; } = account;
    public bool WatchesByPost { get; } = watchesByPost;
    public SignalBox Box { get; } = new();

    /// <summary>Those this line watches.</summary>
    public IReadOnlyList<AccountKey> Watched
    {
        get
        {
            lock (_lock) return [.. _told.Keys];
        }
    }

    /// <summary>Watches these from now on, and nobody else.</summary>
    public void Watch(IEnumerable<AccountKey> accounts)
    {
        lock (_lock) _told = accounts.Distinct().ToDictionary(account => account, _ => (PresenceFrame?)null);
    }

    public void Tell(ServerTypingFrame typing)
    {
        if (Box.Put(typing)) wake();
    }

    /// <summary>Tells of somebody who is watched, if that is news.</summary>
    /// <param name="presence">Null where this line may not know; then what it was told before is taken back.</param>
    public void Tell(AccountKey of, string id, PresenceFrame? presence)
    {
        lock (_lock)
        {
            if (!_told.TryGetValue(of, out var before)) return;
            if (presence is null && before is { Online: true } or { LastSeen: not null }) presence = new PresenceFrame(id, false, null);
            if (presence is null || presence == before) return;
            _told[of] = presence;
            Box.Put(presence);
        }

        wake();
    }
}
