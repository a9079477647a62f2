using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.PowerLoss;

/// <summary>Six people who talk with each other, in pairs and in a group, over sockets and by POST, and note what they were promised.</summary>
internal sealed class Talk
{
    private readonly ConcurrentQueue<Said> _said = new();
    private readonly List<Speaker> _speakers = [];
    private int _acknowledged;

    public IReadOnlyList<Person> People { get; private init; } = [];

    /// <summary>When all of them had their accounts, and the group.</summary>
    public long BegunAt { get; private init; }

    public IEnumerable<Said> Said => _said;

    public int Acknowledged => _acknowledged;

    /// <summary>An upload of eli's of which the rest never came.</summary>
    public required Tus HalfAFile { get; init; }

    /// <summary>What is in each file that an upload was said to have ended.</summary>
    public ConcurrentDictionary<string, byte[]> Uploads { get; } = new();

    public static async Task<Talk> BeginAsync(Entrance entrance)
    {
        var people = new List<Person>();
        foreach (var name in (string[])["ann", "ben", "cem", "dia", "eli", "fay"]) people.Add(await entrance.SignUpAsync(name));
        var (status, group, _) = await entrance.CallAsync(HttpMethod.Post, "/api/chat/v2/group_create", people[0].Token,
            new { client_id = Guid.CreateVersion7(), name = "all", members = people.Skip(1).Select(person => person.Id) });
        status.ShouldBe(HttpStatusCode.OK, group.ToString());
        var all = group.GetProperty("conversation").GetString()!;
        var talk = new Talk { People = people, HalfAFile = await Tus.BeginAsync(people[4], 40_000), BegunAt = PowerLoss.Said.Now };
        for (var i = 0; i < people.Count; i++)
            talk._speakers.Add(new Speaker(talk, people[i], i % 3 == 2 ? ("conversation", all) : ("to", people[i ^ 1].Id), BySocket: i < 3, Uploads: i == 4, new Random(i)));
        return talk;
    }

    /// <summary>Everybody says so many things more; who loses the server meanwhile stops, and says first what was left open when he comes again.</summary>
    public Task GoOnAsync(int each) => Task.WhenAll(_speakers.Select(speaker => speaker.SpeakAsync(each)));

    private void Note(Said said, JsonElement ack)
    {
        said.Acknowledge(ack);
        Interlocked.Increment(ref _acknowledged);
    }

    private sealed record Speaker(Talk Talk, Person Person, (string Field, string Id) To, bool BySocket, bool Uploads, Random Chance)
    {
        private const int Burst = 3;
        private readonly List<Said> _mine = [];

        public async Task SpeakAsync(int count)
        {
            try
            {
                using var line = BySocket ? await Person.OpenAsync() : null;
                if (line is not null) await line.ReadUntilAsync("synced");
                for (var end = _mine.Count + count; _mine.Count < end || _mine.Exists(said => !said.IsAcknowledged);)
                {
                    var open = _mine.FindAll(said => !said.IsAcknowledged);
                    while (open.Count < (BySocket ? Burst : 1)) open.Add(await NextAsync());
                    if (line is null) await PostAsync(open[0]);
                    else await SendAsync(line, open);
                    if (_mine.Count % 4 == 0) await ChangeAsync();
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or System.Net.WebSockets.WebSocketException or InvalidOperationException)
            {
                // The server was killed; whoever made an end of it says whether that was meant.
            }
        }

        private async Task<Said> NextAsync()
        {
            var upload = Uploads && _mine.Count % 20 == 7 ? await UploadAsync() : null;
            // Long ones spread over many pages, so that the log soon has as many as it may.
            var text = $"{Person.Id} {_mine.Count} {PowerLoss.Said.NewWord()} {new string((char)('a' + (_mine.Count % 26)), Chance.Next(3) == 0 ? 30_000 : Chance.Next(200))}";
            var said = new Said(Person, To.Field, To.Id, text.TrimEnd(), upload);
            _mine.Add(said);
            Talk._said.Enqueue(said);
            return said;
        }

        private async Task SendAsync(Line line, List<Said> open)
        {
            foreach (var said in open) await line.SendAsync(said.Frame());
            foreach (var _ in open)
            {
                var ack = await line.ReadUntilAsync("ack");
                Talk.Note(open.Single(said => said.ClientId == ack.GetProperty("client_id").GetString()), ack);
            }
        }

        private async Task PostAsync(Said said)
        {
            var (status, ack, _) = await Person.Entrance.CallAsync(HttpMethod.Post, "/api/chat/messages", Person.Token, said.Frame());
            status.ShouldBe(HttpStatusCode.OK, ack.ToString());
            Talk.Note(said, ack);
        }

        private async Task ChangeAsync()
        {
            if (_mine.FindLast(said => said.IsAcknowledged && said.ChangeBegunAt == long.MaxValue) is not { } said) return;
            var edit = Chance.Next(2) == 0;
            said.BeginChange(edit ? said.Text + ", edited" : null);
            var (status, done, _) = await Person.Entrance.CallAsync(HttpMethod.Post, edit ? "/api/chat/v2/edit" : "/api/chat/v2/delete", Person.Token,
                edit ? new { id = said.Id, message = said.NewText } : new { id = said.Id, @for = "all" });
            status.ShouldBe(HttpStatusCode.OK, done.ToString());
            said.AcknowledgeChange();
        }

        private async Task<string> UploadAsync()
        {
            var file = await Tus.BeginAsync(Person, 20_000 + Chance.Next(60_000));
            (await file.GoOnAsync(Person, file.Half)).ShouldBe(file.Bytes.Length);
            Talk.Uploads[file.Id] = file.Bytes;
            return file.Id;
        }
    }
}
