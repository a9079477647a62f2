using Tieline.Core.Accounts;
using Tieline.Protocol;

namespace Tieline.Core.Presence;

/// <summary>
/// Who is there: an account is online while it has a line open, and for a short while after, so that a change of network or the pause
/// between two polls is no coming and going. Thread-safe.
/// </summary>
/// <param name="grace">How long after its last line closed an account still counts as online.</param>
public sealed class OnlineBoard(TimeProvider time, TimeSpan grace)
{
    /// <summary>When somebody was last there is written at most so often.</summary>
    public static readonly TimeSpan WriteEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<AccountKey, Entry> _entries = [];

    private sealed class Entry
    {
        public int Lines { get; set; }
        public bool Online { get; set; }
        public DateTimeOffset SeenAt { get; set; }
        public DateTimeOffset WrittenAt { get; set; }
        public bool Unwritten { get; set; }
    }

    /// <summary>Called, outside of the lock, when an account comes or has gone.</summary>
    public Action<AccountKey>? Changed { get; set; }

    public void Opened(AccountKey account)
    {
        bool came;
        lock (_lock)
        {
            if (!_entries.TryGetValue(account, out var entry)) _entries.Add(account, entry = new Entry());
            entry.Lines++;
            came = !entry.Online;
            entry.Online = true;
            Touch(entry);
        }

        if (came) Changed?.Invoke(account);
    }

    public void Closed(AccountKey account)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(account, out var entry) || entry.Lines == 0) return;
            entry.Lines--;
            Touch(entry);
        }
    }

    public bool IsOnline(AccountKey account)
    {
        lock (_lock) return _entries.TryGetValue(account, out var entry) && entry.Online;
    }

    /// <summary>Those of these accounts who are online.</summary>
    public IReadOnlyList<AccountKey> Online(Func<AccountKey, bool> which)
    {
        lock (_lock) return [.. _entries.Where(entry => entry.Value.Online && which(entry.Key)).Select(entry => entry.Key)];
    }

    /// <summary>When the account last came or went, as far as this node has seen it lately; the store knows of earlier times. Never "now": it would tell that somebody is there who hides it.</summary>
    public Timestamp? SeenAt(AccountKey account)
    {
        lock (_lock) return _entries.TryGetValue(account, out var entry) ? Timestamp.From(entry.SeenAt) : null;
    }

    /// <summary>Tells of those who have been away for longer than the grace, and forgets what is written down. Called about once a second.</summary>
    public void Sweep()
    {
        List<AccountKey>? gone = null;
        var now = time.GetUtcNow();
        lock (_lock)
        {
            foreach (var (account, entry) in _entries)
            {
                if (entry.Lines > 0) continue;
                if (entry.Online && now - entry.SeenAt >= grace)
                {
                    entry.Online = false;
                    (gone ??= []).Add(account);
                }

                if (!entry.Online && !entry.Unwritten && now - entry.WrittenAt >= WriteEvery) _entries.Remove(account);
            }
        }

        foreach (var account in gone ?? []) Changed?.Invoke(account);
    }

    /// <summary>Who came or went since it was last written, at most <paramref name="max"/>. They count as written.</summary>
    /// <param name="all">True at the stop: also those whose minute is not over.</param>
    public IReadOnlyList<(AccountKey Account, Timestamp At)> TakeUnwritten(int max, bool all = false)
    {
        List<(AccountKey, Timestamp)>? taken = null;
        var now = time.GetUtcNow();
        lock (_lock)
        {
            foreach (var (account, entry) in _entries)
            {
                if (!entry.Unwritten || (!all && now - entry.WrittenAt < WriteEvery)) continue;
                (entry.Unwritten, entry.WrittenAt) = (false, now);
                (taken ??= []).Add((account, Timestamp.From(entry.SeenAt)));
                if (taken.Count == max) break;
            }
        }

        return taken ?? [];
    }

    private void Touch(Entry entry)
    {
        entry.SeenAt = time.GetUtcNow();
        entry.Unwritten = true;
    }
}
