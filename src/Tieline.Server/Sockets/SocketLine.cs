using System.Buffers;
using Microsoft.Extensions.Logging;
using Tieline.Core.Accounts;
using Tieline.Core.Delivery;
using Tieline.Core.Messages;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Protocol.Frames;
using Tieline.Server.Diagnosis;

namespace Tieline.Server.Sockets;

/// <summary>
/// One open WebSocket: a loop that reads frames and handles them in order, and a loop that writes answers and the account's events.
/// The writer pulls events at the client's own pace, so a slow client costs no queue.
/// </summary>
internal abstract partial class SocketLine : ILine, IFeedListener
{
    private const int MaxWaiting = 512;
    private const int EventsPerWrite = 128;
    private const int MaxWrite = 128 * 1024;
    private static readonly TimeSpan _closeWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _stallLimit = TimeSpan.FromSeconds(30);

    private readonly AsyncSignal _wake = new();
    private readonly AsyncSignal _room = new();
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ended = new();
    private List<ServerFrame> _answers = [];
    private (int Code, string Reason)? _closing;
    private int _inFlight;
    private bool _pingDue;
    private long _heardAt;
    private long _sentAt;
    private long _writingSince;

    protected SocketLine(ChatServer server, SocketConnection socket, Account account, Attempt attempt)
    {
        (Server, Socket, Account, Attempt) = (server, socket, account, attempt);
        _heardAt = _sentAt = server.Time.GetTimestamp();
        Reader = FeedReader.Join(server.Store, server.Feeds, account.Key, this);
    }

    protected ChatServer Server { get; }
    protected SocketConnection Socket { get; }
    protected Account Account { get; }
    protected Attempt Attempt { get; }
    protected FeedReader Reader { get; }
    protected ILogger Log => Server.Log;
    protected CancellationToken Ended => _ended.Token;

    /// <summary>True when the client is to be pinged with a WebSocket ping and not with a frame.</summary>
    protected abstract bool UsesProtocolPings { get; }

    /// <summary>True when a sender learns only from the event itself that its message is stored: then events go out before the close frame too.</summary>
    protected virtual bool EchoAcknowledges => false;

    /// <summary>Runs until the line ends, whoever ends it.</summary>
    public async Task RunAsync(CancellationToken aborted)
    {
        Server.Lines.Add(this);
        using var abort = aborted.UnsafeRegister(static line => ((SocketLine)line!).End(), this);
        try
        {
            await OpenAsync();
            await Task.WhenAll(GuardAsync(WriteAsync()), GuardAsync(ReadAsync()));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            Attempt.Reason ??= "connection lost";
        }
        catch (StoreUnavailableException e)
        {
            ServerLog.LineUnread(Log, Account.Id, e.Message);
            await Socket.CloseAsync(CloseCodes.TryAgainLater, "The server cannot read right now", CancellationToken.None);
        }
        catch (Exception e)
        {
            ServerLog.LineFailed(Log, Account.Id, e);
            await Socket.CloseAsync(CloseCodes.InternalError, "The server made a mistake", CancellationToken.None);
        }
        finally
        {
            End();
            OnEnded();
            Reader.Dispose();
            Server.Lines.Remove(this);
            Attempt.Result = "closed";
            Attempt.CloseCode ??= 1006;
            Server.Attempts.Share(Attempt);
            ServerLog.LineClosed(Log, Account.Id, Attempt.CloseCode.Value, Attempt.Reason ?? "", Attempt.FramesSent);
        }
    }

    public void Wake() => _wake.Set();

    public void GoAway() => Close(CloseCodes.ServiceRestart, "The server restarts");

    public virtual void Tick()
    {
        var time = Server.Time;
        Server.Attempts.ShareProgress(Attempt);
        var writing = Volatile.Read(ref _writingSince);
        if (writing != 0 && time.GetElapsedTime(writing) > _stallLimit)
        {
            Attempt.Reason = "the client does not read";
            End();
            return;
        }

        var heard = time.GetElapsedTime(Volatile.Read(ref _heardAt));
        if (Socket.Pongs != _pongsSeen) OnPongs();
        else if (heard.TotalSeconds > 3 * Server.Options.PingSeconds)
        {
            Attempt.Reason = "nothing heard from the client";
            End();
        }

        if (time.GetElapsedTime(Volatile.Read(ref _sentAt)).TotalSeconds >= Server.Options.PingSeconds)
        {
            _pingDue = true;
            Wake();
        }
    }

    /// <summary>Ends the line in order: what was accepted is answered first.</summary>
    protected void Close(int code, string reason)
    {
        lock (_lock) _closing ??= (code, reason);
        Wake();
        _room.Set();
    }

    protected bool IsClosing => _closing is not null;

    protected void Answer(ServerFrame frame)
    {
        Enqueue(frame);
        Wake();
    }

    /// <summary>An answer that goes out when the line is woken next.</summary>
    protected void Enqueue(ServerFrame frame)
    {
        lock (_lock) _answers.Add(frame);
    }

    /// <summary>First frames of the line, before anything is read.</summary>
    protected abstract Task OpenAsync();

    /// <summary>One message of the client.</summary>
    protected abstract ValueTask HandleAsync(Received received);

    /// <summary>What must happen on the writer's side before events are taken.</summary>
    protected virtual ValueTask BeforeEventsAsync() => ValueTask.CompletedTask;

    /// <summary>Encodes an event.</summary>
    /// <returns>False when this line does not show it.</returns>
    protected abstract bool Encode(AccountEvent @event, IBufferWriter<byte> output);

    /// <summary>Called when the line has caught up with its log and has nothing to write.</summary>
    protected virtual void OnIdle()
    {
    }

    /// <summary>Called once, when the line is over.</summary>
    protected virtual void OnEnded()
    {
    }

    /// <summary>Frames to send right before the close frame.</summary>
    protected virtual ServerFrame? FarewellOf(int code) => null;

    protected void BeginSend() => Interlocked.Increment(ref _inFlight);

    protected void EndSend()
    {
        Interlocked.Decrement(ref _inFlight);
        _room.Set();
        if (IsClosing) Wake();
    }

    /// <summary>Waits until every send of this line has its answer, so that what is read next sees them.</summary>
    protected async ValueTask DrainSendsAsync()
    {
        while (Volatile.Read(ref _inFlight) > 0 && !_ended.IsCancellationRequested) await _room.WaitAsync();
    }

    /// <summary>When one of the two loops fails the other must not wait for what never comes.</summary>
    private async Task GuardAsync(Task loop)
    {
        try
        {
            await loop;
        }
        catch
        {
            End();
            throw;
        }
    }

    private void End()
    {
        if (_ended.IsCancellationRequested) return;
        _ended.Cancel();
        Socket.Abort();
        Wake();
        _room.Set();
    }

    private async Task ReadAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            // Answers that wait and sends that are being stored are all that one line can pile up here.
            while (Volatile.Read(ref _inFlight) + _answers.Count >= MaxWaiting && !_ended.IsCancellationRequested) await _room.WaitAsync();
            var received = await Socket.ReceiveAsync(Ended);
            Volatile.Write(ref _heardAt, Server.Time.GetTimestamp());
            if (received.Kind == ReceivedKind.Closed)
            {
                Attempt.CloseCode ??= received.Code;
                Attempt.Reason ??= received.Reason;
                Close(received.Code is >= 1000 and not 1005 and not 1006 ? received.Code : CloseCodes.Normal, "");
                return;
            }

            if (received.Kind == ReceivedKind.Violation)
            {
                Close(received.Code, received.Reason!);
                continue;
            }

            // What arrives after our own decision to close is not acted on; the client sends it again elsewhere.
            if (IsClosing) continue;
            if (Socket.Pongs != _pongsSeen) OnPongs();
            await HandleAsync(received);
        }
    }

    private async Task WriteAsync()
    {
        var events = new List<AccountEvent>();
        var answers = new List<ServerFrame>();
        while (!_ended.IsCancellationRequested)
        {
            await BeforeEventsAsync();
            // Looked at first: what is stored from here on is not among the events of this round.
            var settled = Volatile.Read(ref _inFlight) == 0;
            lock (_lock) (answers, _answers) = (_answers, answers);
            if (_closing is null || EchoAcknowledges) await TakeEventsAsync(events);
            var ping = _pingDue;
            _pingDue = false;
            if (answers.Count > 0 || events.Count > 0 || ping || WantsDeliveryPing)
            {
                await WriteBatchAsync(answers, events, ping);
                answers.Clear();
                events.Clear();
                if (events.Capacity > EventsPerWrite) events = [];
                _room.Set();
                continue;
            }

            if (_closing is { } closing && settled)
            {
                await SendCloseAsync(closing.Code, closing.Reason);
                // The client's answer to our close frame may take a moment, but not longer.
                _ended.CancelAfter(_closeWithin);
                return;
            }

            OnIdle();
            await _wake.WaitAsync();
        }
    }

    private async ValueTask TakeEventsAsync(List<AccountEvent> events)
    {
        try
        {
            await Reader.TakeAsync(events, EventsPerWrite, Ended);
        }
        catch (LogPrunedException)
        {
            Close(CloseCodes.TooSlow, "Too far behind; come back and start from a snapshot");
        }
    }

    private async ValueTask WriteBatchAsync(List<ServerFrame> answers, List<AccountEvent> events, bool ping)
    {
        Volatile.Write(ref _writingSince, Server.Time.GetTimestamp());
        var (frames, frame) = (FrameBuffers.Rent(), FrameBuffers.Rent());
        foreach (var answer in answers)
        {
            FrameWriter.Write(frame, answer);
            Append(frames, frame);
        }

        foreach (var @event in events)
        {
            if (Encode(@event, frame)) Append(frames, frame);
            if (frames.WrittenCount < MaxWrite) continue;
            await Socket.WriteAsync(frames, Ended);
            frames = FrameBuffers.Rent();
        }

        if (ping && !UsesProtocolPings)
        {
            FrameWriter.Write(frame, new ServerPingFrame(Reader.Cursor));
            Append(frames, frame);
        }

        FrameBuffers.Return(frame);
        var confirm = WantsDeliveryPing;
        if (confirm) OnDeliveryPing();
        if (UsesProtocolPings && (ping || confirm)) ServerFrames.AppendPing(frames);
        await Socket.WriteAsync(frames, Ended);
        Volatile.Write(ref _sentAt, Server.Time.GetTimestamp());
        Volatile.Write(ref _writingSince, 0);
    }

    private void Append(ArrayBufferWriter<byte> frames, ArrayBufferWriter<byte> frame)
    {
        ServerFrames.AppendText(frames, frame.WrittenSpan);
        frame.ResetWrittenCount();
        Attempt.FramesSent++;
    }

    private async Task SendCloseAsync(int code, string reason)
    {
        if (FarewellOf(code) is { } farewell) await WriteBatchAsync([farewell], [], ping: false);
        Attempt.CloseCode ??= code;
        Attempt.Reason ??= reason;
        await Socket.CloseAsync(code, reason, Ended);
    }
}
