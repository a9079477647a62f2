using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Tieline.Core.Accounts;
using Tieline.Core.Delivery;
using Tieline.Core.Messages;
using Tieline.Protocol;
using Tieline.Protocol.Frames;
using Tieline.Server.Accounts;
using Tieline.Server.Live;
using Tieline.Server.Sockets;

namespace Tieline.Server.Http;

/// <summary>One server-sent event stream: <c>data:</c> is a frame, <c>id:</c> the cursor after it.</summary>
internal sealed class StreamLine : IFeedListener, ILine, IDisposable
{
    private const int EventsPerWrite = 128;

    /// <summary>Shorter than on a socket: proxies cut an answer that stands still sooner than a tunnel.</summary>
    private static readonly TimeSpan _pingAfter = TimeSpan.FromSeconds(14);

    private readonly ChatServer _server;
    private readonly Identity _identity;
    private readonly PipeWriter _output;
    private readonly FeedReader _reader;
    private readonly LiveLine _live;
    private readonly AsyncSignal _wake = new();
    private readonly ArrayBufferWriter<byte> _frame = new(512);
    private long _sentAt;
    private bool _pingDue;
    private bool _warned;
    private bool _warningDue;
    private int _goaway;

    public StreamLine(ChatServer server, Identity identity, PipeWriter output)
    {
        (_server, _identity, _output) = (server, identity, output);
        _reader = FeedReader.Join(server.Store, server.Feeds, identity.Account.Key, this);
        _live = server.Live.Attach(identity.Account, Wake, watchesByPost: true);
        _sentAt = server.Time.GetTimestamp();
    }

    private Account Account => _identity.Account;

    public async Task RunAsync(string? since, CancellationToken cancel)
    {
        _server.Lines.Add(this);
        ServerLog.Connected(_server.Log, Account.Id, "all", "stream");
        try
        {
            await OpenAsync(since, cancel);
            var events = new List<AccountEvent>();
            var synced = false;
            // Cancellation must wake a stream that has nothing to say, or it would stay registered.
            using var woken = cancel.UnsafeRegister(static line => ((StreamLine)line!).Wake(), this);
            while (!cancel.IsCancellationRequested && _goaway == 0)
            {
                events.Clear();
                await _reader.TakeAsync(events, EventsPerWrite, cancel);
                foreach (var @event in events)
                {
                    @event.Write(_frame);
                    WriteFrame(@event.Pos);
                }

                if (!synced && !_reader.IsBehind)
                {
                    synced = true;
                    Write(new SyncedFrame(_reader.Cursor, More: false));
                }

                foreach (var signal in _live.Box.Take()) Write(signal);
                if (_pingDue && events.Count == 0) Write(new ServerPingFrame(_reader.Cursor));
                _pingDue = false;
                if (_warningDue) Write(new TokenExpiringFrame((int)Math.Max(0, (_identity.Expires!.Value - _server.Time.GetUtcNow()).TotalSeconds)));
                _warningDue = false;
                if (await FlushAsync(cancel)) return;
                if (!_reader.IsBehind) await _wake.WaitAsync();
            }

            if (_goaway != 0) Write(new GoawayFrame(_goaway, Random.Shared.Next(100, 2_000)));
            await FlushAsync(cancel);
        }
        catch (LogPrunedException)
        {
            Write(new GoawayFrame(CloseCodes.TooSlow, 0));
            await FlushAsync(cancel);
        }
        finally
        {
            _server.Lines.Remove(this);
            ServerLog.LineClosed(_server.Log, Account.Id, _goaway == 0 ? CloseCodes.Normal : _goaway, "stream", 0);
        }
    }

    public void Wake() => _wake.Set();

    public void GoAway()
    {
        _goaway = CloseCodes.ServiceRestart;
        Wake();
    }

    public void Tick()
    {
        if (_identity.Expires is { } expires)
        {
            var left = (expires - _server.Time.GetUtcNow()).TotalSeconds;
            if (left <= 0) _goaway = CloseCodes.Unauthorized;
            else if (left <= 60 && !_warned) _warned = _warningDue = true;
        }

        if (_server.Time.GetElapsedTime(Volatile.Read(ref _sentAt)) >= _pingAfter) _pingDue = true;
        if (_pingDue || _goaway != 0 || _warningDue) Wake();
    }

    public void Dispose()
    {
        _server.Live.Detach(_live);
        _reader.Dispose();
    }

    private async Task OpenAsync(string? since, CancellationToken cancel)
    {
        var resumed = await _reader.ResumeAsync(since, _server.Options.ResumeEvents, cancel);
        var page = resumed ? null : await _server.Store.ReadConversationsAsync(Account.Key, null, ChatServer.SnapshotSize, cancel);
        if (page is not null) _reader.StandAt(page.Head);
        Write(_server.Hello(Account, _reader.Head, resumed));
        if (page is not null)
        {
            FrameWriter.Write(_frame, new SnapshotFrame(page.Head, page.Conversations, page.Next));
            WriteFrame(page.Head);
        }

        await FlushAsync(cancel);
    }

    private void Write(ServerFrame frame)
    {
        FrameWriter.Write(_frame, frame);
        WriteFrame(null);
    }

    /// <summary>Only what moves the cursor carries an id, so that Last-Event-ID never runs ahead of what was received.</summary>
    private void WriteFrame(long? pos)
    {
        if (pos is { } at) _output.Write(Encoding.UTF8.GetBytes($"id: {new Cursor(_server.Store.Epoch, at)}\n"));
        _output.Write("data: "u8);
        // JSON has no line breaks of its own: one data line is one frame.
        _output.Write(_frame.WrittenSpan);
        _output.Write("\n\n"u8);
        _frame.ResetWrittenCount();
    }

    private async ValueTask<bool> FlushAsync(CancellationToken cancel)
    {
        var result = await _output.FlushAsync(cancel);
        Volatile.Write(ref _sentAt, _server.Time.GetTimestamp());
        return result.IsCompleted;
    }
}
