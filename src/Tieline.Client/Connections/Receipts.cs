using Tieline.Client.Conversations;
using Tieline.Client.Http;
using Tieline.Client.Lines;
using Tieline.Protocol.Frames;

namespace Tieline.Client.Connections;

/// <summary>Tells the server how far this device has received and its person has read: at most once a second, and again on a new line.</summary>
internal sealed class Receipts(ChatHttp http, TokenSource tokens, Ledger ledger, Timings timings, TimeProvider time, Action<string> log)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _read = [];
    private readonly Dictionary<string, long> _readTold = [];
    private readonly Signal _changed = new();
    private long _received;

    /// <summary>The ledger has moved on.</summary>
    public void Advance() => _changed.Set();

    public void Read(string conversation, long seq)
    {
        lock (_lock) _read[conversation] = Math.Max(seq, _read.GetValueOrDefault(conversation));
        _changed.Set();
    }

    /// <summary>Runs as long as a line does.</summary>
    public async Task RunAsync(Line line, CancellationToken cancel)
    {
        lock (_lock)
        {
            // What the last line was told may not have arrived.
            _received = 0;
            _readTold.Clear();
        }

        try
        {
            while (true)
            {
                var changed = _changed.Take();
                foreach (var frame in Due()) await TellAsync(line, frame, cancel);
                await changed.WaitAsync(cancel);
                await Task.Delay(timings.ReceiptInterval, time, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            // The line has ended.
        }
    }

    private List<ClientFrame> Due()
    {
        var frames = new List<ClientFrame>();
        var pos = ledger.Cursor?.Pos ?? 0;
        lock (_lock)
        {
            if (pos > _received) frames.Add(new RecvFrame(_received = pos));
            foreach (var (conversation, seq) in _read)
            {
                if (seq <= _readTold.GetValueOrDefault(conversation)) continue;
                _readTold[conversation] = seq;
                frames.Add(new ReadFrame(conversation, seq));
            }
        }

        return frames;
    }

    private async Task TellAsync(Line line, ClientFrame frame, CancellationToken cancel)
    {
        try
        {
            if (line.CanSend) await line.SendAsync(frame, cancel);
            else await http.CommandAsync(frame, await tokens.GetAsync(cancel), timings.Request, cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            log($"receipt: {e.Message}");
            if (e is LineException { Failure.Error: { Retryable: false } }) return;
            lock (_lock)
            {
                if (frame is RecvFrame) _received = 0;
                else if (frame is ReadFrame read) _readTold.Remove(read.Conversation);
            }

            _changed.Set(); // again with the next interval
        }
    }
}
