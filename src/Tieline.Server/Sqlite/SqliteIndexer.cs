using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;

namespace Tieline.Server.Sqlite;

/// <summary>
/// Follows the commits with the search index, on a thread and connections of its own. A commit costs the writer a note of which conversations
/// grew. While the server is busy storing, it takes a twentieth of one processor or little more and falls behind; it catches up when there is time, or at
/// once when somebody searches. After a start it finds what it missed by comparing how far each conversation has come.
/// </summary>
internal sealed class SqliteIndexer : ICommitListener, IDisposable
{
    private const int Batch = 500;
    private const int RestFactor = 19;
    private static readonly TimeSpan _gather = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longestRest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _retryAfter = TimeSpan.FromSeconds(1);

    private readonly string _folder;
    private readonly string _epoch;
    private readonly ICommitListener _next;
    private readonly ILogger _log;
    private readonly object _lock = new();
    private readonly Thread _thread;
    private readonly List<(long Notes, TaskCompletionSource Done)> _waiting = [];
    private HashSet<long> _grown = [];
    private HashSet<(long Conversation, long Seq)> _changed = [];
    private long _notes;
    private long _indexed = -1;
    private long _commits;
    private long _forget;
    private volatile bool _open;
    private volatile bool _stopping;

    public SqliteIndexer(string folder, string epoch, ICommitListener next, ILogger log)
    {
        (_folder, _epoch, _next, _log) = (folder, epoch, next, log);
        _thread = new Thread(Run) { IsBackground = true, Name = "sqlite search index" };
    }

    /// <summary>True from the moment there is an index that can be asked.</summary>
    public bool IsOpen => _open;

    public void Start() => _thread.Start();

    public void Committed(IReadOnlyList<LoggedEvent> events)
    {
        Note(events);
        _next.Committed(events);
    }

    public void Append(IReadOnlyList<LoggedEvent> events)
    {
        Note(events);
        _next.Append(events);
    }

    public void Wake() => _next.Wake();

    /// <summary>Ends when everything committed until now is in the index, or the time is over.</summary>
    public async Task CatchUpAsync(TimeSpan atMost, CancellationToken cancel)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_indexed >= _notes || _stopping) return;
            _waiting.Add((_notes, done));
            Monitor.Pulse(_lock);
        }

        await Task.WhenAny(done.Task, Task.Delay(atMost, cancel));
        lock (_lock) _waiting.RemoveAll(waiting => waiting.Done == done);
    }

    /// <summary>Messages of before that moment are gone: what is known of them leaves the index.</summary>
    public void Forget(long before)
    {
        lock (_lock)
        {
            _forget = Math.Max(_forget, before);
            _notes++;
            Monitor.Pulse(_lock);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _stopping = true;
            Monitor.Pulse(_lock);
        }

        if (_thread.ThreadState != System.Threading.ThreadState.Unstarted) _thread.Join();
        Release(long.MaxValue);
    }

    /// <summary>On the writer's thread: a message is noted once, however many logs it stands in.</summary>
    private void Note(IReadOnlyList<LoggedEvent> events)
    {
        lock (_lock)
        {
            _commits++;
            var (lastConversation, lastSeq) = (0L, 0L);
            foreach (var logged in events)
            {
                if (logged.Conversation is not { } conversation || (conversation.Value == lastConversation && logged.Seq == lastSeq)) continue;
                if (logged.Kind == EventKind.Message) _grown.Add(conversation.Value);
                else if (logged.Kind == EventKind.Update) _changed.Add((conversation.Value, logged.Seq));
                else continue;
                (lastConversation, lastSeq) = (conversation.Value, logged.Seq);
                _notes++;
            }

            if (_grown.Count + _changed.Count > 0) Monitor.Pulse(_lock);
        }
    }

    private void Run()
    {
        var failing = false;
        var missed = true;
        while (!_stopping)
        {
            try
            {
                using var file = SqliteSearchFile.Open(_folder, _epoch);
                using var messages = new SqliteSearchSource(Path.Combine(_folder, SqliteStore.FileName));
                _open = true;
                if (missed) NoteMissed(file, messages);
                missed = false;
                while (TakeNotes(out var grown, out var changed, out var notes))
                {
                    // What a fault interrupts is found again by comparing.
                    missed = true;
                    Index(file, messages, grown, changed);
                    missed = false;
                    failing = false;
                    Release(notes);
                }
            }
            catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
            {
                if (!failing) ServerLog.IndexFailed(_log, e);
                failing = true;
                lock (_lock)
                {
                    if (!_stopping) Monitor.Wait(_lock, _retryAfter);
                }
            }
        }
    }

    /// <summary>What was stored while nobody followed.</summary>
    private void NoteMissed(SqliteSearchFile file, SqliteSearchSource messages)
    {
        foreach (var (conversation, head) in messages.Heads())
        {
            if (_stopping) return;
            if (file.Progress(conversation) >= head) continue;
            lock (_lock) _grown.Add(conversation);
        }

        lock (_lock)
        {
            foreach (var change in messages.ChangedSince(file.ChangesUpTo)) _changed.Add(change);
            _notes++;
        }
    }

    /// <summary>Waits for something to do; gathers for a moment unless somebody waits.</summary>
    private bool TakeNotes(out HashSet<long> grown, out HashSet<(long, long)> changed, out long notes)
    {
        lock (_lock)
        {
            while (_indexed >= _notes && !_stopping) Monitor.Wait(_lock);
            var until = Stopwatch.GetTimestamp() + (long)(_gather.TotalSeconds * Stopwatch.Frequency);
            while (_waiting.Count == 0 && !_stopping && _indexed >= 0 && Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), until) is { Ticks: > 0 } left)
                Monitor.Wait(_lock, left);
            (grown, changed, notes) = (_grown, _changed, _notes);
            (_grown, _changed) = ([], []);
            return !_stopping;
        }
    }

    private void Index(SqliteSearchFile file, SqliteSearchSource messages, HashSet<long> grown, HashSet<(long Conversation, long Seq)> changed)
    {
        var batch = new List<IndexedMessage>(Batch);
        foreach (var conversation in grown)
        {
            var after = file.Progress(conversation);
            List<IndexedMessage> found;
            do
            {
                found = messages.After(conversation, after, Batch - batch.Count);
                if (found.Count > 0) after = found[^1].Seq;
                batch.AddRange(found);
                if (batch.Count == Batch && !Write(file, batch)) return;
            }
            while (found.Count > 0);
        }

        if (batch.Count > 0 && !Write(file, batch)) return;
        foreach (var (conversation, seq) in changed)
        {
            if (messages.Find(conversation, seq) is { } message) batch.Add(message);
            if (batch.Count == Batch && !WriteChanges(file, batch)) return;
        }

        if (batch.Count > 0 && !WriteChanges(file, batch)) return;
        Forget(file);
    }

    private void Forget(SqliteSearchFile file)
    {
        long before;
        lock (_lock) (before, _forget) = (_forget, 0);
        long started, commits;
        do (started, commits) = (Stopwatch.GetTimestamp(), Interlocked.Read(ref _commits));
        while (before > 0 && file.Forget(before, Batch) == Batch && Rest(started, commits));
    }

    /// <returns>False when the server stops.</returns>
    private bool Write(SqliteSearchFile file, List<IndexedMessage> batch)
    {
        var (started, commits) = (Stopwatch.GetTimestamp(), Interlocked.Read(ref _commits));
        // FTS5 collects what comes in the order of its numbers, which is that of time.
        batch.Sort((one, other) => one.CreatedAt.CompareTo(other.CreatedAt));
        file.Begin();
        foreach (var message in batch) file.Put(message);
        foreach (var conversation in batch.GroupBy(message => message.Conversation)) file.SetProgress(conversation.Key, conversation.Max(message => message.Seq));
        file.Commit();
        batch.Clear();
        return Rest(started, commits);
    }

    private bool WriteChanges(SqliteSearchFile file, List<IndexedMessage> batch)
    {
        var (started, commits) = (Stopwatch.GetTimestamp(), Interlocked.Read(ref _commits));
        file.Begin();
        foreach (var message in batch) file.Put(message);
        file.ChangesUpTo = Math.Max(file.ChangesUpTo, batch.Max(message => message.ChangedAt));
        file.Commit();
        batch.Clear();
        return Rest(started, commits);
    }

    /// <summary>Where the writer worked meanwhile, it comes first.</summary>
    private bool Rest(long started, long commits)
    {
        lock (_lock)
        {
            if (_stopping) return false;
            if (_commits == commits || _waiting.Count > 0) return true;
            var rest = RestFactor * Stopwatch.GetElapsedTime(started);
            var until = Stopwatch.GetTimestamp() + (long)((rest < _longestRest ? rest : _longestRest).TotalSeconds * Stopwatch.Frequency);
            while (!_stopping && _waiting.Count == 0 && Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), until) is { Ticks: > 0 } left) Monitor.Wait(_lock, left);
            return !_stopping;
        }
    }

    private void Release(long notes)
    {
        lock (_lock)
        {
            _indexed = Math.Max(_indexed, notes);
            foreach (var waiting in _waiting)
            {
                if (waiting.Notes <= _indexed) waiting.Done.TrySetResult();
            }
        }
    }
}
