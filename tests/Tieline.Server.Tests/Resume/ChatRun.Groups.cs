using System.Net;
using System.Text.Json;

namespace Tieline.Server.Tests.Resume;

internal sealed partial class ChatRun
{
    /// <summary>Somebody says something in the group, comes, goes, renames it, reads or hides it.</summary>
    private async Task DoInGroupAsync(Act act, int who, int other, int number)
    {
        var (group, name, peer) = (_model.Group, _names[who], _names[other]);
        if (group.Conversation is null)
        {
            // It begins with the first whom nothing keeps from being added; where there is none, not yet.
            if (_names.FirstOrDefault(one => one != "ada" && !_model.Relation(one, "ada").Blocked) is not { } first) return;
            await NoticeAsync(0, "group_create", id => new { client_id = id, name = "crowd", members = (string[])[first] });
            group.Name = "crowd";
            group.Join("ada");
            group.Join(first);
        }

        switch (act)
        {
            case Act.GroupSay when group.Has(name):
                for (var i = 0; i <= number % 3; i++) await SayInGroupAsync(who);
                break;
            case Act.GroupCome when !group.Has(name):
                await ComeAsync(who, byLink: number % 2 == 0);
                group.Join(name);
                break;
            case Act.GroupGo when name != "ada" && group.Has(name):
                if (number % 2 == 0) await NoticeAsync(who, "group_leave", id => new { client_id = id, conversation = group.Conversation });
                else await NoticeAsync(0, "group_remove", id => new { client_id = id, conversation = group.Conversation, user = name });
                group.Leave(name);
                break;
            case Act.GroupName:
                group.Name = $"crowd {number}";
                await NoticeAsync(0, "group_update", id => new { client_id = id, conversation = group.Conversation, name = group.Name });
                break;
            case Act.GroupRead when group.Seen.ContainsKey(name):
                await CommandAsync(who, "read", new { conversation = group.Conversation, seq = 1 + (number % group.Messages.Count) });
                break;
            case Act.GroupClear when group.Seen.ContainsKey(name):
                await CommandAsync(who, "clear", new { conversation = group.Conversation });
                group.Clear(name);
                break;
            case Act.GroupMute when group.Has(name):
                await DoneAsync(who, "mute", new { conversation = group.Conversation, until = number % 2 == 0 ? "always" : null });
                break;
            case Act.GroupSay when !group.Has(name):
                (await _people[who].PostAsync("/api/chat/messages", new { client_id = $"c{++_ids}", conversation = group.Conversation, message = peer })).Status.ShouldBe(HttpStatusCode.NotFound);
                break;
        }
    }

    private async Task CheckGroupAsync(int who)
    {
        var (group, name) = (_model.Group, _names[who]);
        if (group.Conversation is null) return;
        _folds[who][^1].MessagesOf(group.Conversation).ShouldBe(group.VisibleTo(name), $"the group of {name}");
        var (status, body) = await _people[who].GetAsync($"/api/chat/history?conversation={group.Conversation}&limit=200");
        status.ShouldBe(group.Seen.ContainsKey(name) ? HttpStatusCode.OK : HttpStatusCode.NotFound);
        if (status != HttpStatusCode.OK) return;
        var visible = group.VisibleTo(name);
        body.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("seq").GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture))
            .ShouldBe(visible.Select(message => message.Split(' ')[0]).TakeLast(200));
        if (group.Has(name)) _folds[who][^1].GroupOf(group.Conversation).ShouldStartWith($"{group.Name} {(name == "ada" ? "owner" : "member")} ");
    }

    private async Task SayInGroupAsync(int who)
    {
        var (clientId, text) = ($"c{++_ids}", $"text{_ids}");
        var frame = new { type = "send", client_id = clientId, conversation = _model.Group.Conversation, message = text };
        var device = await DeviceAsync(who);
        await device.SendAsync(frame);
        var answer = await AnswerAsync(device, clientId);
        _model.Group.Say(_names[who], clientId, text).Expires = ExpiryOf(_model.Group.Conversation!, answer);
        answer.GetProperty("seq").GetInt64().ShouldBe(_model.Group.Messages.Count, answer.ToString());
    }

    private async Task ComeAsync(int who, bool byLink)
    {
        var group = _model.Group;
        // Whom somebody has blocked, that one does not add him: he comes by himself then.
        if (byLink || _model.Relation(_names[who], "ada").Blocked)
        {
            var code = (await DoneAsync(0, "group_link", new { conversation = group.Conversation })).GetProperty("code").GetString();
            await NoticeAsync(who, "group_join", id => new { client_id = id, code });
        }
        else await NoticeAsync(0, "group_add", id => new { client_id = id, conversation = group.Conversation, members = (string[])[_names[who]] });
    }

    /// <summary>A change that is a message of the group.</summary>
    private async Task NoticeAsync(int who, string command, Func<string, object> frame)
    {
        var clientId = $"c{++_ids}";
        var answer = await DoneAsync(who, command, frame(clientId));
        _model.Group.Conversation ??= answer.GetProperty("conversation").GetString();
        _model.Group.Say(_names[who], clientId, "", notice: true);
        answer.GetProperty("seq").GetInt64().ShouldBe(_model.Group.Messages.Count, answer.ToString());
        var again = await DoneAsync(who, command, frame(clientId));
        again.GetProperty("duplicate").GetBoolean().ShouldBeTrue();
    }

    private async Task<JsonElement> DoneAsync(int who, string command, object frame)
    {
        var (status, body) = await _people[who].PostAsync($"/api/chat/v2/{command}", frame);
        status.ShouldBe(HttpStatusCode.OK, $"{command}: {body}");
        return body;
    }
}
