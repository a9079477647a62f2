using Tieline.Client.Conversations;
using Tieline.Client.Diagnoses;
using Tieline.Client.Http;
using Tieline.Client.Lines;
using Tieline.Client.Outboxes;

namespace Tieline.Client.Connections;

/// <summary>
/// Keeps a line open: race the transports, live on the winner, climb back to WebSocket, wait and start again, without a last attempt. One
/// loop does all of it, so there is never a second socket that somebody forgot.
/// </summary>
internal sealed partial class Connection(
    ChatHttp http, TokenSource tokens, Ledger ledger, Sender sender, ProbeLadder probes, ChatClientOptions options, Action<string> log)
{
    private readonly TimeProvider _time = options.Time;
    private readonly Timings _timings = options.Timings;
    private readonly Backoff _backoff = new(options.Timings, options.Random);
    private readonly Signal _awake = new();
    private readonly Signal _signIn = new();
    private readonly Receipts _receipts = new(http, tokens, ledger, options.Timings, options.Time, log);
    private int _flaps, _refusals;
    private bool _socketIsSlow;
    private long _lastWake = long.MinValue;
    private volatile Line? _line;
    private volatile ConnectionStatus _status = new(ConnectionState.Connecting);

    public event Action<ConnectionStatus>? Changed;

    public ConnectionStatus Status => _status;

    public Receipts Receipts => _receipts;

    /// <summary>Lets the server know that this is a goodbye and no accident.</summary>
    public ValueTask LeaveAsync() => _line?.LeaveAsync() ?? default;

    /// <summary>Something suggests that the network is back or different, or that the machine was asleep.</summary>
    public void Wake()
    {
        var now = _time.GetTimestamp();
        var last = Interlocked.Exchange(ref _lastWake, now);
        if (last != long.MinValue && _time.GetElapsedTime(last, now) < _timings.WakeInterval && _status.State == ConnectionState.Online) return;
        _awake.Set();
        sender.Hurry();
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            var (failure, pause) = await AttemptAsync(cancel);
            cancel.ThrowIfCancellationRequested();
            sender.Use(failure.IsUnauthorized || failure.IsStop ? SendPath.Hold : SendPath.Post, null);
            if (failure.IsStop) await SignedOutAsync(failure, cancel);
            else if (failure.IsUnauthorized && !await RefreshAsync(failure, cancel)) continue;
            if (pause > TimeSpan.Zero) await PauseAsync(pause, failure, cancel);
        }
    }

    /// <summary>One attempt and, if it succeeds, the whole life of the line.</summary>
    /// <returns>How it ended, and how long to wait before the next.</returns>
    private async Task<(Failure Failure, TimeSpan Pause)> AttemptAsync(CancellationToken cancel)
    {
        try
        {
            if (options.Account is { } account) await sender.RestoreAsync(account, cancel);
            var token = await tokens.GetAsync(cancel);
            await sender.RestoreAsync(TokenSource.Owner(token), cancel);
            if (_status.State != ConnectionState.Connecting) Show(new ConnectionStatus(ConnectionState.Connecting, Diagnosis: _status.Diagnosis));
            await using var opened = await RaceAsync(token, cancel);
            var started = _time.GetTimestamp();
            var failure = await LiveAsync(opened, cancel);
            return (failure, PauseAfterLife(failure, _time.GetElapsedTime(started)));
        }
        catch (NoTokenException e)
        {
            _refusals++;
            return (new Failure(Transport.None, FailureKind.Status, e.Message) { Status = 401 }, TimeSpan.Zero);
        }
        catch (LineException e)
        {
            return (e.Failure, e.Failure.IsUnauthorized ? TimeSpan.Zero : Longer(_backoff.Next(), e.Failure.RetryAfter));
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            // The app's own token callback, most likely.
            log($"connect: {e.GetType().Name}: {e.Message}");
            return (new Failure(Transport.None, FailureKind.Network, e.Message), _backoff.Next());
        }
    }

    /// <summary>A line that lived a while starts the next one soon, but not at the same moment as everybody else's; one that died young backs off.</summary>
    private TimeSpan PauseAfterLife(Failure failure, TimeSpan life)
    {
        if (failure.IsUnauthorized) return TimeSpan.Zero;
        if (life < _timings.Stable) return Longer(_backoff.Next(), failure.RetryAfter);
        _backoff.Reset();
        return Longer(_timings.RestartSpread * options.Random(), failure.RetryAfter);
    }

    /// <returns>False when somebody has to sign in again; it has waited for that.</returns>
    private async Task<bool> RefreshAsync(Failure failure, CancellationToken cancel)
    {
        if (_refusals++ == 0)
        {
            try
            {
                await tokens.RefreshAsync(tokens.Current, cancel);
                return true;
            }
            catch (NoTokenException)
            {
                // Signed out.
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
            {
                log($"token: {e.Message}");
                _refusals = 0;
                await PauseAsync(_backoff.Next(), failure, cancel);
                return false;
            }
        }

        await SignedOutAsync(failure, cancel);
        return false;
    }

    /// <summary>Nothing helps but a person: waits for <see cref="SignIn"/>.</summary>
    private async Task SignedOutAsync(Failure failure, CancellationToken cancel)
    {
        var signIn = _signIn.Take();
        sender.Use(SendPath.Hold, null);
        log($"signed out: {failure.Text}");
        Show(new ConnectionStatus(ConnectionState.SignedOut, Diagnosis: Explain.SignedOut(failure)));
        await signIn.WaitAsync(cancel);
        _refusals = 0;
        tokens.Forget();
    }

    /// <summary>Ends the signed-out state; otherwise like <see cref="Wake"/>.</summary>
    public void SignIn()
    {
        _signIn.Set();
        Wake();
    }

    private async Task PauseAsync(TimeSpan pause, Failure failure, CancellationToken cancel)
    {
        var awake = _awake.Take();
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var waiting = Task.Delay(pause, _time, timer.Token);
        log($"offline: again in {pause.TotalSeconds:0.0} s ({failure.Text})");
        Show(new ConnectionStatus(ConnectionState.Offline, RetryAt: _time.GetUtcNow() + pause, Diagnosis: _status.Diagnosis));
        await Task.WhenAny(awake, waiting);
        await timer.CancelAsync();
        cancel.ThrowIfCancellationRequested();
        if (awake.IsCompleted) _backoff.Reset();
    }

    private void Show(ConnectionStatus status)
    {
        var before = Interlocked.Exchange(ref _status!, status);
        if (before != status) Changed?.Invoke(status);
    }

    /// <summary>A diagnosis arrives when it arrives; it belongs to whatever the state is by then.</summary>
    private void Diagnosed(Diagnosis? diagnosis)
    {
        var status = _status;
        if (status.State is ConnectionState.SignedOut || (status.Transport == Transport.WebSocket && diagnosis is not null)) return;
        Show(status with { Diagnosis = diagnosis });
    }

    private static TimeSpan Longer(TimeSpan own, TimeSpan? asked) => asked > own ? asked.Value : own;
}
