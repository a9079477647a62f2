using System.Net;
using System.Text.Json;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Resume;

/// <summary>One thing that somebody does, drawn at random.</summary>
internal sealed record Step(Act Act, int Who, int Other, int Number);

internal enum Act
{
    Send,
    SendOverHttp,
    SendAndBreak,
    Resend,
    Reuse,
    Read,
    Receive,
    Clear,
    Block,
    Unblock,
    Mute,
    Unmute,
    Resume,
    ResumeAmidSends,
    Restart,
    GroupSay,
    GroupCome,
    GroupGo,
    GroupName,
    GroupRead,
    GroupClear,
    GroupMute,
    Edit,
    DeleteForAll,
    DeleteForMe,
    React,
    Pin,
    Star,
    Draft,
    Reply,
    Forward,
    Disappear,
    TimePasses,
}

internal sealed partial class ChatRun
{
    public async Task DoAsync(Step step)
    {
        var (who, other, number) = (step.Who, (step.Who + step.Other) % _names.Length, step.Number);
        var (name, peer) = (_names[who], _names[other]);
        var talk = _model.Between(name, peer);
        switch (step.Act)
        {
            case Act.Send:
                await SendAsync(who, other, 1 + (number % 5));
                break;
            case Act.SendOverHttp:
                await SendOverHttpAsync(who, other);
                break;
            case Act.SendAndBreak:
                await SendAndBreakAsync(who, other, 1 + (number % 8));
                break;
            case Act.Resend or Act.Reuse when _acknowledged.Count > 0:
                await ResendAsync(_acknowledged[number % _acknowledged.Count], anotherText: step.Act == Act.Reuse);
                break;
            case Act.Read when talk.Messages.Count > 0:
                var seq = 1 + (number % (talk.Messages.Count + 2));
                await CommandAsync(who, "read", new { conversation = talk.Conversation, seq });
                talk.Read[name] = Math.Max(talk.Read.GetValueOrDefault(name), Math.Min(seq, talk.Messages.Count));
                break;
            case Act.Receive:
                await DeliveredAsync(who, number % (1 + await HeadAsync(who)));
                break;
            case Act.Clear when talk.Messages.Count > 0:
                await CommandAsync(who, "clear", new { conversation = talk.Conversation });
                talk.Hidden[name] = talk.Messages.Count;
                break;
            case Act.Block or Act.Unblock or Act.Mute or Act.Unmute:
                await RelateAsync(who, other, step.Act);
                break;
            case Act.Resume:
                await ResumeAsync(who, number % _folds[who].Count, (Transport)(number % 3));
                break;
            case Act.ResumeAmidSends:
                await Task.WhenAll(ResumeAsync(who, number % _folds[who].Count, (Transport)(number % 3), alongside: SendAsync(other, who, 10)));
                break;
            case Act.Restart:
                await RestartAsync();
                break;
            case >= Act.GroupSay and <= Act.GroupMute:
                await DoInGroupAsync(step.Act, who, other, number);
                break;
            case >= Act.Edit and <= Act.TimePasses:
                await ChangeAsync(step.Act, who, other, number);
                break;
        }
    }

    /// <summary>Several at once over one line, answered later.</summary>
    private async Task SendAsync(int who, int to, int count)
    {
        var device = await DeviceAsync(who);
        var sends = Enumerable.Range(0, count).Select(_ => NewSend(to)).ToList();
        foreach (var send in sends) await device.SendAsync(FrameOf(send));
        foreach (var send in sends) Acknowledge(who, send, await AnswerAsync(device, send.ClientId));
    }

    private async Task SendOverHttpAsync(int who, int to)
    {
        var send = NewSend(to);
        var (_, body) = await _people[who].PostAsync("/api/chat/messages", FrameOf(send));
        Acknowledge(who, send, body);
    }

    /// <summary>The line is cut while nobody knows what has arrived; all of it goes out again over the next line.</summary>
    private async Task SendAndBreakAsync(int who, int to, int count)
    {
        var device = await DeviceAsync(who);
        var sends = Enumerable.Range(0, count).Select(_ => NewSend(to)).ToList();
        foreach (var send in sends) await device.SendAsync(FrameOf(send));
        device.Raw.Abort();
        _devices[who] = null;

        device = await DeviceAsync(who);
        foreach (var send in sends) await device.SendAsync(FrameOf(send));
        foreach (var send in sends) Acknowledge(who, send, await AnswerAsync(device, send.ClientId));
    }

    private async Task ResendAsync((int Who, ChatModel.Talk Talk, string To, string ClientId, string Text, JsonElement Ack) sent, bool anotherText)
    {
        var device = await DeviceAsync(sent.Who);
        device.Seen.Clear();
        await device.SendAsync(FrameOf((sent.To, sent.ClientId, anotherText ? sent.Text + "!" : sent.Text)));
        var answer = await AnswerAsync(device, sent.ClientId);
        if (anotherText)
        {
            answer.GetProperty("code").GetString().ShouldBe("conflict");
            return;
        }

        answer.GetProperty("duplicate").GetBoolean().ShouldBeTrue();
        foreach (var field in (string[])["id", "conversation", "seq", "pos", "created_at"])
            answer.GetProperty(field).ToString().ShouldBe(sent.Ack.GetProperty(field).ToString(), field);
    }

    private async Task RelateAsync(int who, int other, Act act)
    {
        var path = $"/api/chat/{act.ToString().ToLowerInvariant()}/{_names[other]}";
        var before = _model.Relation(_names[who], _names[other]);
        var after = act switch
        {
            Act.Block => before with { Blocked = true },
            Act.Unblock => before with { Blocked = false },
            Act.Mute => before with { Muted = true },
            _ => before with { Muted = false },
        };
        var (status, body) = act is Act.Block or Act.Mute ? await _people[who].PostAsync(path) : await _people[who].DeleteAsync(path);
        (status == HttpStatusCode.OK).ShouldBe(after != before, $"{path}: {body}");
        _model.Relate(_names[who], _names[other], _ => after);
    }

    private (string To, string ClientId, string Text) NewSend(int to) => (_names[to], $"c{++_ids}", $"text{_ids}");

    private static object FrameOf((string To, string ClientId, string Text) send) => new { type = "send", client_id = send.ClientId, to = send.To, message = send.Text };

    private static Task<JsonElement> AnswerAsync(TestSocket device, string clientId)
    {
        var known = device.Seen.Find(frame => IsAnswer(frame, clientId));
        return known.ValueKind == JsonValueKind.Object ? Task.FromResult(known) : device.ReadUntilAsync(frame => IsAnswer(frame, clientId));
    }

    private static bool IsAnswer(JsonElement frame, string clientId) =>
        frame.GetProperty("type").GetString() is "ack" or "done" or "error" && frame.TryGetProperty("client_id", out var id) && id.GetString() == clientId;

    private void Acknowledge(int who, (string To, string ClientId, string Text) send, JsonElement answer)
    {
        var from = _names[who];
        if (_model.IsBlocked(from, send.To))
        {
            answer.GetProperty("code").GetString().ShouldBe("blocked");
            return;
        }

        var talk = _model.Between(from, send.To);
        talk.Conversation ??= answer.GetProperty("conversation").GetString();
        talk.Add(new Said(answer.GetProperty("seq").GetInt64(), from, send.ClientId, send.Text) { Expires = ExpiryOf(talk.Conversation!, answer) });
        _acknowledged.Add((who, talk, send.To, send.ClientId, send.Text, answer));
    }
}
