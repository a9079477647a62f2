using System.Buffers;
using System.Net.WebSockets;
using Tieline.Protocol.Frames;

namespace Tieline.Cli.Verify;

/// <summary>A person on the v2 socket: sends in bursts, and takes up the log where it broke off.</summary>
internal sealed class SocketPeer(Doors doors, Journal journal, Load load, HttpMessageHandler? handler)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _receiptEvery = TimeSpan.FromSeconds(1);

    /// <summary>A line that says nothing is asked, and given up when it does not answer.</summary>
    private static readonly TimeSpan _askAfter = TimeSpan.FromSeconds(3), _giveUpAfter = TimeSpan.FromSeconds(8);

    public Task RunAsync(CancellationToken cancel) => Load.RepeatAsync(LineAsync, cancel);

    private async Task LineAsync(CancellationToken cancel)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + journal.Token);
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel))
        {
            limit.CancelAfter(_patience);
            using var invoker = handler is null ? null : new HttpMessageInvoker(handler, disposeHandler: false);
            var server = doors.Next();
            await socket.ConnectAsync(new Uri($"{(server.Scheme == "https" ? "wss" : "ws")}://{server.Authority}/api/chat/ws/me?v=2&since={journal.Cursor}"), invoker, limit.Token);
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var heard = new Heard();
        Task[] all = [ReceiveAsync(socket, heard, ended.Token), SendAsync(socket, heard, ended.Token), WatchAsync(heard, ended.Token)];
        var first = await Task.WhenAny(all);
        await ended.CancelAsync();
        // A send into a line that is cut would wait as long as the kernel does.
        socket.Abort();
        await Task.WhenAll(all).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await first;
    }

    private async Task SendAsync(ClientWebSocket socket, Heard heard, CancellationToken cancel)
    {
        foreach (var message in journal.Open()) await SendAsync(socket, message, cancel);
        var reported = (Pos: 0L, At: TimeProvider.System.GetTimestamp());
        while (true)
        {
            foreach (var message in await load.NextAsync(journal, cancel)) await SendAsync(socket, message, cancel);
            if (heard.Since > _askAfter && heard.AskOnce()) await SendAsync(socket, new PingFrame(), cancel);
            if (journal.Cursor.Pos == reported.Pos || TimeProvider.System.GetElapsedTime(reported.At) < _receiptEvery) continue;
            reported = (journal.Cursor.Pos, TimeProvider.System.GetTimestamp());
            await SendAsync(socket, new RecvFrame(reported.Pos), cancel);
        }
    }

    private static async Task WatchAsync(Heard heard, CancellationToken cancel)
    {
        while (heard.Since < _giveUpAfter) await Task.Delay(500, cancel);
        throw new LineLostException("silent");
    }

    private static Task SendAsync(ClientWebSocket socket, SentMessage message, CancellationToken cancel) =>
        SendAsync(socket, new SendFrame(message.ClientId, message.To, null, message.Text), cancel);

    private static Task SendAsync(ClientWebSocket socket, ClientFrame frame, CancellationToken cancel) =>
        socket.SendAsync(ClientFrameWriter.ToUtf8(frame), WebSocketMessageType.Text, endOfMessage: true, cancel);

    private async Task ReceiveAsync(ClientWebSocket socket, Heard heard, CancellationToken cancel)
    {
        var text = new ArrayBufferWriter<byte>(4096);
        while (true)
        {
            var part = await socket.ReceiveAsync(text.GetMemory(4096), cancel);
            heard.Now();
            if (part.MessageType == WebSocketMessageType.Close) throw new LineLostException("closed");
            text.Advance(part.Count);
            if (!part.EndOfMessage) continue;
            journal.Take(ServerFrameReader.Read(text.WrittenMemory));
            text.ResetWrittenCount();
        }
    }

    /// <summary>When the line last said something.</summary>
    private sealed class Heard
    {
        private long _at = TimeProvider.System.GetTimestamp();
        private int _asked;

        public TimeSpan Since => TimeProvider.System.GetElapsedTime(Volatile.Read(ref _at));

        public void Now()
        {
            Volatile.Write(ref _at, TimeProvider.System.GetTimestamp());
            Volatile.Write(ref _asked, 0);
        }

        /// <summary>True the first time since something was heard.</summary>
        public bool AskOnce() => Interlocked.Exchange(ref _asked, 1) == 0;
    }
}
