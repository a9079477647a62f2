using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using SQLitePCL;
using Tieline.EndToEnd.Tests.Running;
using Tieline.Server;
using Tieline.Server.Configuration;

namespace Tieline.EndToEnd.Tests.PowerLoss;

/// <summary>A server on what a crash left, asked for everything that had been promised by then.</summary>
internal sealed class Survivor
{
    private readonly List<string> _faults = [];
    private readonly Talk _talk;
    private readonly long _moment;
    private readonly Entrance _entrance;

    private Survivor(Talk talk, long moment, Entrance entrance) => (_talk, _moment, _entrance) = (talk, moment, entrance);

    /// <summary>What is wrong, in words; nothing when every promise is kept.</summary>
    /// <param name="data">The data folder; it may not exist.</param>
    /// <param name="moment">When the power was cut: what was acknowledged by then counts.</param>
    public static async Task<IReadOnlyList<string>> ExamineAsync(string data, Talk talk, long moment)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddTieline(new TielineOptions { Data = data, SignupsPerMinute = 0, SendsPerSecond = 0, CommandsPerSecond = 0, AnonymousPerSecond = 0, DrainSeconds = 1 });
        await using var app = builder.Build();
        IReadOnlyList<string> faults;
        try
        {
            app.MapTieline();
            await app.StartAsync();
            using var handler = new SocketsHttpHandler();
            faults = await AskAsync(new Entrance(new Uri(app.Urls.Single()), handler), talk, moment);
            await app.StopAsync();
        }
        catch (Exception e) when (e is not ShouldAssertException)
        {
            return [$"the server does not start: {e.Message}"];
        }

        return [.. faults, .. new[] { "tieline.db", "search.db" }.SelectMany(file => CheckIntegrity(Path.Combine(data, file)))];
    }

    /// <summary>The same of a server that runs already.</summary>
    public static async Task<IReadOnlyList<string>> AskAsync(Entrance entrance, Talk talk, long moment)
    {
        var survivor = new Survivor(talk, moment, entrance);
        await survivor.AskAsync();
        return survivor._faults;
    }

    private async Task AskAsync()
    {
        if (_moment < _talk.BegunAt)
        {
            // Nobody was promised anything; but whoever comes now is served.
            var (ada, bob) = (await _entrance.SignUpAsync("ada"), await _entrance.SignUpAsync("bob"));
            await ada.SendAsync(bob, "hello");
            return;
        }

        var promised = _talk.Said.Where(said => said.AcknowledgedAt <= _moment).ToList();
        var kept = new Dictionary<string, List<JsonElement>>();
        foreach (var said in promised.DistinctBy(said => said.Conversation)) kept[said.Conversation] = await ReadAsync(said);
        foreach (var said in promised) Compare(said, kept[said.Conversation]);
        foreach (var (conversation, messages) in kept) LookForStrange(conversation, messages);
        foreach (var said in promised.Where(said => said.Upload is not null)) await DownloadAsync(said, kept[said.Conversation]);
        await GoOnAsync(promised.OrderBy(said => said.AcknowledgedAt).TakeLast(3).ToList(), kept);
        await EndUploadAsync();
        if (_faults.Count == 0) await SearchAsync(promised);
    }

    /// <summary>All of a conversation, in its order.</summary>
    private async Task<List<JsonElement>> ReadAsync(Said one)
    {
        var found = new List<JsonElement>();
        for (var before = ""; ;)
        {
            var (status, page, _) = await CallAsync(one.Sender, HttpMethod.Get, $"/api/chat/history?conversation={one.Conversation}&limit=200{before}");
            if (status != HttpStatusCode.OK)
            {
                _faults.Add($"lost: the chat {one.Conversation}, or the account of one who is in it: {(int)status} {page}");
                return found;
            }

            found.InsertRange(0, page.GetProperty("messages").EnumerateArray());
            if (!page.GetProperty("more").GetBoolean()) return found;
            before = $"&before_seq={found[0].GetProperty("seq").GetInt64()}";
        }
    }

    private void Compare(Said said, List<JsonElement> kept)
    {
        var found = kept.FindAll(message => IsOf(said, message));
        if (found is not [var one])
        {
            _faults.Add(found.Count == 0 ? $"lost: {Named(said)}" : $"doubled: {Named(said)}");
            return;
        }

        if (one.GetProperty("seq").GetInt64() != said.Seq) _faults.Add($"moved: {Named(said)} is number {one.GetProperty("seq")}");
        var (text, deleted) = (one.GetProperty("message").GetString(), one.TryGetProperty("deleted", out var flag) && flag.GetBoolean());
        var isChanged = said.NewText is null ? deleted : !deleted && text == said.NewText;
        var isAsSent = !deleted && text == said.Text;
        if (said.ChangedAt <= _moment ? !isChanged : !isAsSent && !(said.ChangeBegunAt <= _moment && isChanged))
            _faults.Add($"lost: {(said.NewText is null ? "the deletion" : "the text or the edit")} of {Named(said)}");
    }

    private void LookForStrange(string conversation, List<JsonElement> kept)
    {
        for (var i = 1; i < kept.Count; i++)
            if (kept[i].GetProperty("seq").GetInt64() != kept[i - 1].GetProperty("seq").GetInt64() + 1) _faults.Add($"a gap or disorder in {conversation} at {kept[i].GetProperty("seq")}");
        foreach (var message in kept.Where(message => !message.TryGetProperty("system", out var system) || system.ValueKind == JsonValueKind.Null))
            if (!_talk.Said.Any(said => IsOf(said, message))) _faults.Add($"strange: nobody sent {message}");
        foreach (var mine in kept.GroupBy(message => message.GetProperty("from_user").GetString()))
        {
            // As each of them said it.
            var order = _talk.Said.Where(said => said.Sender.Id == mine.Key).Select(said => said.ClientId).ToList();
            var places = mine.Select(message => order.IndexOf(message.GetProperty("client_id").GetString()!)).Where(place => place >= 0).ToList();
            if (!places.SequenceEqual(places.Order())) _faults.Add($"out of order in {conversation}: what {mine.Key} said");
        }
    }

    private async Task DownloadAsync(Said said, List<JsonElement> kept)
    {
        if (kept.Find(message => IsOf(said, message)) is not { ValueKind: JsonValueKind.Object } message || !message.TryGetProperty("attachments", out var attachments)) return;
        if (attachments.ValueKind != JsonValueKind.Array) return;
        using var http = _entrance.Client();
        using var answer = await http.GetAsync(attachments[0].GetProperty("url").GetString());
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        if (answer.StatusCode != HttpStatusCode.OK || !bytes.SequenceEqual(_talk.Uploads[said.Upload!])) _faults.Add($"lost: the file of {Named(said)}: {(int)answer.StatusCode}, {bytes.Length} bytes");
    }

    /// <summary>The index of the search is made from the messages, and may have lost more than they: it has to see that, and to catch up.</summary>
    private async Task SearchAsync(List<Said> promised)
    {
        // Where a change was on its way both are right.
        Said?[] asked = [promised.FindLast(said => said.ChangeBegunAt > _moment), promised.FindLast(said => IsChanged(said) && said.NewText is not null), promised.FindLast(said => IsChanged(said) && said.NewText is null)];
        foreach (var said in asked.OfType<Said>()) await SearchAsync(said, isDeleted: IsChanged(said) && said.NewText is null);
    }

    private bool IsChanged(Said said) => said.ChangedAt <= _moment;

    private async Task SearchAsync(Said said, bool isDeleted)
    {
        // Five a second are answered.
        for (var tries = 0; tries < 60; tries++)
        {
            var (status, found, _) = await CallAsync(said.Sender, HttpMethod.Get, $"/api/chat/search?q={said.Word}");
            if (status == HttpStatusCode.OK && found.GetProperty("messages").GetArrayLength() == (isDeleted ? 0 : 1)) return;
            await Task.Delay(250);
        }

        _faults.Add($"the search {(isDeleted ? "still finds" : "does not find")} {Named(said)}");
    }

    /// <summary>A file of which the server has a part, or says so: what it is in the end is what was sent. That it has forgotten the part is no loss, for nobody may count on an upload that has not ended.</summary>
    private async Task EndUploadAsync()
    {
        var (eli, fay, file) = (_talk.People[4], _talk.People[5], _talk.HalfAFile);
        if (await file.OffsetAsync(_entrance, eli.Token) is not { } offset) return;
        if (offset > file.Half || await file.GoOnAsync(_entrance, eli.Token, offset) != file.Bytes.Length) _faults.Add($"the upload stands at {offset}");
        var (_, ack, _) = await CallAsync(eli, HttpMethod.Post, "/api/chat/messages", new { client_id = Guid.CreateVersion7(), to = fay.Id, message = "", attachments = new[] { new { id = file.Id } } });
        var (_, fresh, _) = await CallAsync(fay, HttpMethod.Get, $"/api/chat/attachments/{file.Id}");
        if (!fresh.TryGetProperty("url", out var url))
        {
            _faults.Add($"lost: an upload that was ended from {offset} on: {ack} {fresh}");
            return;
        }

        using var http = _entrance.Client();
        var bytes = await http.GetByteArrayAsync(url.GetString());
        if (!bytes.SequenceEqual(file.Bytes)) _faults.Add($"spoiled: an upload that was ended from {offset} on has {bytes.Length} bytes, {bytes.Zip(file.Bytes).Count(pair => pair.First != pair.Second)} of them wrong");
    }

    /// <summary>Who does not know whether he was heard sends again, and gets the first answer; and the talk goes on.</summary>
    private async Task GoOnAsync(List<Said> last, Dictionary<string, List<JsonElement>> kept)
    {
        foreach (var said in last)
        {
            var (status, ack, _) = await CallAsync(said.Sender, HttpMethod.Post, "/api/chat/messages", said.Frame());
            if (status != HttpStatusCode.OK || !ack.GetProperty("duplicate").GetBoolean() || ack.GetProperty("seq").GetInt64() != said.Seq)
                _faults.Add($"lost: the answer to {Named(said)}, which sent again got {(int)status} {ack}");
        }

        if (last.Count == 0) return;
        var again = last[^1].Another();
        var (answered, taken, _) = await CallAsync(again.Sender, HttpMethod.Post, "/api/chat/messages", again.Frame());
        var before = kept[last[^1].Conversation];
        if (answered != HttpStatusCode.OK || taken.GetProperty("duplicate").GetBoolean()) _faults.Add($"nothing more is taken: {(int)answered} {taken}");
        var after = await ReadAsync(last[^1]);
        if (after.Count != before.Count + 1) _faults.Add($"doubled: {before.Count} messages and one more are {after.Count} in {last[^1].Conversation}");
    }

    private Task<(HttpStatusCode Status, JsonElement Body, Version Version)> CallAsync(Person person, HttpMethod method, string path, object? body = null) =>
        _entrance.CallAsync(method, path, person.Token, body);

    private static bool IsOf(Said said, JsonElement message) => message.GetProperty("client_id").GetString() == said.ClientId && message.GetProperty("from_user").GetString() == said.Sender.Id;

    private string Named(Said said) => $"number {said.Seq} of {said.Conversation}, acknowledged {(_moment - said.AcknowledgedAt) / 1e6:0.000} ms before";

    /// <summary>SQLite looks at every page, index and order of its own file.</summary>
    private static IEnumerable<string> CheckIntegrity(string path)
    {
        if (!File.Exists(path)) yield break;
        raw.sqlite3_open_v2(path, out var db, raw.SQLITE_OPEN_READWRITE, null);
        using (db)
        {
            raw.sqlite3_prepare_v2(db, "PRAGMA integrity_check(3)", out var statement);
            using (statement)
            {
                var step = raw.sqlite3_step(statement);
                var said = step == raw.SQLITE_ROW ? raw.sqlite3_column_text(statement, 0).utf8_to_string() : raw.sqlite3_errmsg(db).utf8_to_string();
                if (said != "ok") yield return $"{Path.GetFileName(path)}: {said}";
            }
        }
    }
}
