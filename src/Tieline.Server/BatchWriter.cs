using Microsoft.Extensions.Logging;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;

namespace Tieline.Server;

/// <summary>
/// The one writer of a store, on a thread of its own, because a sync blocks: takes whatever is queued as one batch, has it stored, and tells
/// everybody what became of it. How a batch is decided and stored is the store's.
/// </summary>
internal abstract class BatchWriter(int maxBatch, ICommitListener listener, ILogger log) : IDisposable
{
    private readonly object _lock = new();
    private List<Submission> _queue = [];
    private Thread? _thread;
    private bool _stopping;
    private bool _pauseDue;

    protected ILogger Log { get; } = log;

    public void Submit(Submission submission)
    {
        lock (_lock)
        {
            if (!_stopping)
            {
                _queue.Add(submission);
                if (_queue.Count == 1) Monitor.Pulse(_lock);
                return;
            }
        }

        submission.Complete(new Refused(WireError.Restarting, "The server is stopping; send again."));
    }

    /// <summary>Stores what is queued, then stops.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_stopping) return;
            _stopping = true;
            Monitor.Pulse(_lock);
        }

        _thread?.Join();
        Close();
    }

    /// <summary>Begins to take batches; called once, by what is made whole.</summary>
    protected void Start(string name)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Asks for <see cref="OnPause"/> between two batches.</summary>
    protected void Pause()
    {
        lock (_lock)
        {
            _pauseDue = true;
            Monitor.Pulse(_lock);
        }
    }

    protected virtual void OnPause()
    {
    }

    /// <summary>The last batch is stored.</summary>
    protected abstract void Close();

    /// <summary>Decides and commits all of a batch, gives everything to <see cref="Append"/>, and fills in the outcomes; or throws, and nothing of it holds.</summary>
    protected abstract void Commit(List<Submission> batch, Outcome?[] outcomes);

    /// <summary>A commit failed for a reason that lies with the store and not with what was to be stored.</summary>
    protected abstract bool IsFaultOfStore(Exception e);

    /// <summary>Such a fault: every one of the batch gets its answer.</summary>
    protected abstract void OnFault(List<Submission> batch, Exception e);

    /// <summary>What is committed is acknowledged, whatever becomes of its delivery: lines that miss an event find it in the log.</summary>
    protected void Append(LedgerChanges changes) => Tell(() => listener.Append(changes.Events));

    /// <summary>Everything is refused for now, also what a rule had refused: the rule may have looked at what is not stored. It holds the sends behind it on its line.</summary>
    protected static void Refuse(List<Submission> batch, WireError error, string why)
    {
        var refusal = new Refused(error, why);
        foreach (var submission in batch) submission.Complete(RefusalOf(submission.Command, refusal));
    }

    /// <summary>Nobody knows whether it is stored. Until it comes again, nothing behind it on its line may be stored before it.</summary>
    protected static void Lose(Submission submission, Exception reason)
    {
        if (submission.Command is Send { Line: { } line } send) line.Refuse(send.ClientId, retryable: true);
        submission.Lose(reason);
    }

    private void Run()
    {
        var batch = new List<Submission>();
        while (true)
        {
            bool pause;
            lock (_lock)
            {
                while (_queue.Count == 0 && !_stopping && !_pauseDue) Monitor.Wait(_lock);
                if (_queue.Count == 0 && _stopping) return;
                (pause, _pauseDue) = (_pauseDue, false);
                if (_queue.Count <= maxBatch) (batch, _queue) = (_queue, batch);
                else
                {
                    batch.AddRange(_queue[..maxBatch]);
                    _queue.RemoveRange(0, maxBatch);
                }
            }

            if (pause) OnPause();
            if (batch.Count > 0) Store(batch);
            batch.Clear();
        }
    }

    private void Store(List<Submission> batch)
    {
        var outcomes = new Outcome?[batch.Count];
        try
        {
            Commit(batch, outcomes);
        }
        catch (Exception e) when (IsFaultOfStore(e))
        {
            OnFault(batch, e);
            return;
        }
        catch (Exception) when (batch.Count > 1)
        {
            // One command that the rules or the tables cannot take must not cost its neighbours anything: each alone, and only the culprit is lost.
            foreach (var submission in batch) Store([submission]);
            return;
        }
        catch (Exception e)
        {
            ServerLog.CommandFailed(Log, batch[0].Command.GetType().Name, e);
            Lose(batch[0], e);
            return;
        }

        Answer(batch, outcomes);
    }

    /// <summary>All outcomes first, then whoever waits for them or for the events is woken: each line has all that the batch holds for it in one write.</summary>
    private void Answer(List<Submission> batch, Outcome?[] outcomes)
    {
        for (var i = 0; i < outcomes.Length; i++) batch[i].CompleteInBatch(outcomes[i]!);
        foreach (var submission in batch) submission.Settle();
        Tell(listener.Wake);
    }

    private void Tell(Action told)
    {
        try
        {
            told();
        }
        catch (Exception e)
        {
            ServerLog.PublishFailed(Log, e);
        }
    }

    private static Refused RefusalOf(Command command, Refused refusal)
    {
        if (command is not Send { Line: { } line } send) return refusal;
        if (line.Holds(send.ClientId)) return new Refused(WireError.Held, "An earlier message on this line was refused for now; send that one again first.");
        line.Refuse(send.ClientId, retryable: true);
        return refusal;
    }
}
