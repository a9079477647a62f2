using System.Text.Json;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Resume;

internal enum Transport
{
    Socket,
    Stream,
    Poll,
}

internal sealed partial class ChatRun
{
    /// <summary>A client that stood at some earlier event comes back: in the end it must know what the observer knows.</summary>
    private async Task ResumeAsync(int who, int from, Transport transport, Task? alongside = null)
    {
        var fold = _folds[who][from].Copy();
        var cursor = $"{_server.Store.Epoch}.{fold.Pos}";
        switch (transport)
        {
            case Transport.Socket:
                await using (var socket = await _people[who].ConnectAsync(cursor))
                    await TakeAllAsync(who, fold, socket.ReadAsync, alongside);
                break;
            case Transport.Stream:
                await using (var stream = await TestStream.OpenAsync(_people[who], from % 2 == 0 ? $"?since={cursor}" : "", from % 2 == 0 ? null : cursor))
                    await TakeAllAsync(who, fold, () => ReadStreamAsync(stream, fold), alongside);
                break;
            default:
                await PollAsync(who, fold, limit: 1 + (from % 7), alongside);
                break;
        }

        await ObserveAsync(who);
        fold.ToString().ShouldBe(_folds[who][^1].ToString(), $"{_names[who]} resumed from {from} by {transport}");
    }

    private async Task TakeAllAsync(int who, ChatFold fold, Func<Task<JsonElement>> read, Task? alongside)
    {
        var hello = await read();
        hello.GetProperty("type").GetString().ShouldBe("hello");
        hello.GetProperty("resumed").GetBoolean().ShouldBeTrue();
        while (true)
        {
            var frame = await read();
            fold.Take(frame);
            if (frame.GetProperty("type").GetString() != "synced") continue;
            frame.GetProperty("pos").GetInt64().ShouldBe(fold.Pos);
            break;
        }

        // What was sent meanwhile comes live behind it.
        if (alongside is not null) await alongside;
        var head = await HeadAsync(who);
        while (fold.Pos < head) fold.Take(await read());
    }

    private async Task<JsonElement> ReadStreamAsync(TestStream stream, ChatFold fold)
    {
        var (id, frame) = await stream.ReadAsync();
        // The id of an event is the cursor after it; only events have one.
        if (id is not null) id.ShouldBe($"{_server.Store.Epoch}.{fold.Pos + 1}");
        return frame;
    }

    private async Task PollAsync(int who, ChatFold fold, int limit, Task? alongside)
    {
        while (true)
        {
            var finished = alongside is null || alongside.IsCompleted;
            var (_, body) = await _people[who].GetAsync($"/api/chat/sync?since={_server.Store.Epoch}.{fold.Pos}&limit={limit}&wait={(finished ? 0 : 1)}");
            var frames = body.GetProperty("frames").EnumerateArray().ToList();
            frames.Count.ShouldBeLessThanOrEqualTo(limit);
            foreach (var frame in frames) fold.Take(frame);
            body.GetProperty("pos").GetInt64().ShouldBe(fold.Pos);
            if (finished && !body.GetProperty("more").GetBoolean()) break;
        }

        if (alongside is not null) await alongside;
    }
}
