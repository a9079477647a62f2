using System.Text.Json;

namespace Tieline.Server.Tests.Resume;

/// <summary>What people do to messages that are there, in their direct chats and in the group alike.</summary>
internal sealed partial class ChatRun
{
    private const int MaxPinned = 20;

    private readonly ShiftedTime _time = new();

    /// <summary>A conversation as one person acts in it.</summary>
    private sealed record Place(string Conversation, string? Peer, IReadOnlyList<Said> Messages, long HiddenUpTo, bool IsAdmin);

    private async Task ChangeAsync(Act act, int who, int other, int number)
    {
        var name = _names[who];
        if (act == Act.TimePasses)
        {
            await LetTimePassAsync();
            return;
        }

        if (PlaceOf(who, other, inGroup: number % 3 == 0) is not { } place) return;
        var visible = place.Messages.Where(said => said.Seq > place.HiddenUpTo && said.IsVisibleTo(name)).ToList();
        var said = visible.Count == 0 ? null : visible[number / 3 % visible.Count];
        switch (act)
        {
            case Act.Disappear when place.Peer is not null || place.IsAdmin:
                await DisappearAsync(who, place, number / 3 % 2 == 0 ? 3_600 : 0);
                break;
            case Act.Draft:
                var draft = number % 4 == 0 ? "" : $"draft{number}";
                await DoneAsync(who, "draft", new { conversation = place.Conversation, message = draft });
                _model.Drafts[(name, place.Conversation)] = draft;
                break;
            case Act.Reply when place.Messages.Count > 0:
                await ReplyAsync(who, other, place, place.Messages[number / 3 % place.Messages.Count]);
                break;
            case Act.Forward when said is { Deleted: false, Notice: false } && !_model.IsBlocked(name, _names[other]):
                await ForwardAsync(who, other, place, said);
                break;
            case Act.Edit or Act.DeleteForAll or Act.DeleteForMe or Act.React or Act.Pin or Act.Star when said is not null:
                await ChangeAsync(act, who, place, said, number);
                break;
        }
    }

    private async Task ChangeAsync(Act act, int who, Place place, Said said, int number)
    {
        var (name, id) = (_names[who], $"{place.Conversation}.{said.Seq}");
        var own = said.From == name && !said.Notice;
        switch (act)
        {
            case Act.Edit when own && !said.Deleted:
                await OneAsync(who, "edit", new { id, message = $"edit{number}" }, changes: said.Text != $"edit{number}");
                (said.Text, said.Edited) = ($"edit{number}", said.Edited || said.Text != $"edit{number}");
                break;
            case Act.DeleteForAll when own || (place.Peer is null && place.IsAdmin):
                await OneAsync(who, "delete", new { id, @for = "all" }, changes: !said.Deleted);
                said.Delete();
                break;
            case Act.DeleteForMe:
                await OneAsync(who, "delete", new { id, @for = "me" }, changes: true);
                said.HiddenFrom.Add(name);
                break;
            case Act.React when !said.Deleted:
                var emoji = (number / 7 % 3) switch { 0 => "👍", 1 => "🎉", _ => null };
                await OneAsync(who, "react", new { id, emoji }, changes: said.Reactions.GetValueOrDefault(name) != emoji);
                if (emoji is null) said.Reactions.Remove(name);
                else said.Reactions[name] = emoji;
                break;
            case Act.Pin when !said.Deleted && (place.Peer is not null || place.IsAdmin) && (said.Pinned || place.Messages.Count(other => other.Pinned && !other.Gone) < MaxPinned):
                await OneAsync(who, "pin", new { id, on = number % 4 != 0 }, changes: said.Pinned != (number % 4 != 0));
                said.Pinned = number % 4 != 0;
                break;
            case Act.Star:
                await OneAsync(who, "star", new { id, on = number % 4 != 0 }, changes: said.StarredBy.Contains(name) != (number % 4 != 0));
                if (number % 4 != 0) said.StarredBy.Add(name);
                else said.StarredBy.Remove(name);
                break;
        }
    }

    private async Task OneAsync(int who, string command, object frame, bool changes)
    {
        // Over the socket as over REST.
        var clientId = $"c{++_ids}";
        if (_ids % 2 == 0)
        {
            (await DoneAsync(who, command, frame)).GetProperty("changed").GetInt32().ShouldBe(changes ? 1 : 0, $"{command} {frame}");
            return;
        }

        var device = await DeviceAsync(who);
        var json = JsonSerializer.SerializeToNode(frame)!.AsObject();
        (json["type"], json["client_id"]) = (command, clientId);
        await device.SendTextAsync(json.ToJsonString());
        (await AnswerAsync(device, clientId)).GetProperty("changed").GetInt32().ShouldBe(changes ? 1 : 0, $"{command} {frame}");
    }

    private async Task DisappearAsync(int who, Place place, long seconds)
    {
        var (name, before) = (_names[who], _model.Timers.GetValueOrDefault(place.Conversation));
        await OneAsync(who, "disappear", new { conversation = place.Conversation, seconds }, changes: before != seconds);
        if (before == seconds) return;
        _model.Timers[place.Conversation] = seconds;
        if (place.Peer is null) _model.Group.Say(name, "?", "", notice: true);
        else _model.Between(name, place.Peer).Add(new Said(place.Messages.Count + 1, name, "?", "") { Notice = true });
    }

    private async Task ReplyAsync(int who, int other, Place place, Said answered)
    {
        var (name, clientId, text) = (_names[who], $"c{++_ids}", $"text{_ids}");
        var ack = await DoneAsync(who, "send", new { client_id = clientId, conversation = place.Conversation, message = text, reply_to = $"{place.Conversation}.{answered.Seq}" });
        var seen = answered.Seq > place.HiddenUpTo && answered.IsVisibleTo(name) && !answered.Deleted;
        var said = place.Peer is null ? _model.Group.Say(name, clientId, text) : _model.Between(name, _names[other]).Add(new Said(ack.GetProperty("seq").GetInt64(), name, clientId, text));
        (said.Quote, said.Expires) = (seen ? answered.Text : null, ExpiryOf(place.Conversation, ack));
        said.Seq.ShouldBe(ack.GetProperty("seq").GetInt64());
    }

    private async Task ForwardAsync(int who, int other, Place place, Said original)
    {
        var (name, clientId) = (_names[who], $"c{++_ids}");
        var ack = await DoneAsync(who, "send", new { client_id = clientId, to = _names[other], forward_of = $"{place.Conversation}.{original.Seq}" });
        var talk = _model.Between(name, _names[other]);
        talk.Conversation ??= ack.GetProperty("conversation").GetString();
        talk.Add(new Said(ack.GetProperty("seq").GetInt64(), name, clientId, original.Text) { Forwarded = true, Expires = ExpiryOf(talk.Conversation!, ack) });
    }

    /// <summary>An hour and a minute: what was to disappear after an hour is gone.</summary>
    private async Task LetTimePassAsync()
    {
        _time.Advance(TimeSpan.FromMinutes(61));
        await _server.Chat.Disappearing.SweepAsync(default);
        _model.LetGo(_time.GetUtcNow());
    }

    private DateTimeOffset? ExpiryOf(string conversation, JsonElement ack) =>
        _model.Timers.GetValueOrDefault(conversation) is > 0 and var seconds ? ack.GetProperty("created_at").GetDateTimeOffset().AddSeconds(seconds) : null;

    /// <returns>Null where nothing new can be said: nobody has begun the chat, one has blocked the other, or one is not in the group.</returns>
    private Place? PlaceOf(int who, int other, bool inGroup)
    {
        var name = _names[who];
        if (inGroup)
            return _model.Group.Conversation is { } id && _model.Group.Has(name) ? new Place(id, null, _model.Group.Messages, _model.Group.Seen[name].From - 1, name == "ada") : null;
        var talk = _model.Between(name, _names[other]);
        return talk.Conversation is null || _model.IsBlocked(name, _names[other]) ? null
            : new Place(talk.Conversation, _names[other], [.. talk.Messages.Values], talk.Hidden.GetValueOrDefault(name), false);
    }

    /// <summary>What is pinned, starred and begun, and what the list shows: asked of the server, as the model has it.</summary>
    private async Task CheckSetApartAsync(int who)
    {
        var name = _names[who];
        var stars = new List<string>();
        var list = (await _people[who].GetAsync("/api/chat/conversations")).Body.GetProperty("conversations").EnumerateArray()
            .ToDictionary(conversation => conversation.GetProperty("conversation").GetString()!);
        foreach (var (conversation, visible) in VisibleTo(name))
        {
            var pins = (await _people[who].GetAsync($"/api/chat/pins?conversation={conversation}")).Body.GetProperty("messages").EnumerateArray();
            pins.Select(message => message.GetProperty("seq").GetInt64()).Order().ShouldBe(visible.Where(said => said.Pinned).Select(said => said.Seq), $"pins of {name}");
            stars.AddRange(visible.Where(said => !said.Deleted && said.StarredBy.Contains(name)).Select(said => $"{conversation}.{said.Seq}"));
            if (!list.TryGetValue(conversation, out var listed)) continue;
            var last = listed.GetProperty("last");
            (last.ValueKind == JsonValueKind.Null ? null : Said.Line(last)).ShouldBe(visible.LastOrDefault()?.ToString(), $"the last of {name}");
            (listed.TryGetProperty("draft", out var draft) ? draft.GetProperty("message").GetString() : "").ShouldBe(_model.Drafts.GetValueOrDefault((name, conversation), ""));
            if (!listed.TryGetProperty("left", out _))
                (listed.TryGetProperty("disappear_s", out var seconds) ? seconds.GetInt64() : 0).ShouldBe(_model.Timers.GetValueOrDefault(conversation));
        }

        var starred = (await _people[who].GetAsync("/api/chat/starred?limit=200")).Body.GetProperty("messages").EnumerateArray();
        starred.Select(message => message.GetProperty("id").GetString()!).Order(StringComparer.Ordinal).ShouldBe(stars.Order(StringComparer.Ordinal), $"stars of {name}");
    }

    private IEnumerable<(string Conversation, List<Said> Visible)> VisibleTo(string name)
    {
        foreach (var (people, talk) in _model.Talks)
            if (talk.Conversation is { } id && (people.One == name || people.Other == name)) yield return (id, talk.SeenBy(name));
        if (_model.Group.Conversation is { } group && _model.Group.Seen.ContainsKey(name)) yield return (group, _model.Group.SeenBy(name));
    }
}
