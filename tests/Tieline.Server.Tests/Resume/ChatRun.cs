using System.Net;
using System.Text.Json;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Resume;

/// <summary>Three people on a real server, the model beside it, and for each of them an observer whose line never misses anything.</summary>
internal sealed partial class ChatRun : IAsyncDisposable
{
    private static readonly string[] _names = ["ada", "bob", "cy"];

    private readonly string _folder = Directory.CreateTempSubdirectory("tieline-resume-").FullName;
    private readonly ChatModel _model = new();
    private readonly List<(int Who, ChatModel.Talk Talk, string To, string ClientId, string Text, JsonElement Ack)> _acknowledged = [];
    private readonly TestSocket?[] _devices = new TestSocket?[_names.Length];
    private readonly TestSocket?[] _observers = new TestSocket?[_names.Length];

    /// <summary>What the uninterrupted stream has come to after each event, from none on.</summary>
    private readonly List<ChatFold>[] _folds;

    private RunningServer _server = null!;
    private Person[] _people = [];
    private int _ids;

    private ChatRun() => _folds = [[new ChatFold(_time)], [new ChatFold(_time)], [new ChatFold(_time)]];

    public static async Task<ChatRun> StartAsync()
    {
        var run = new ChatRun { _server = null! };
        await run.StartServerAsync();
        return run;
    }

    public async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What everybody must find at the end, asked in every way there is.</summary>
    public async Task CheckAsync()
    {
        _model.ShouldBeInOrder();
        for (var who = 0; who < _names.Length; who++)
        {
            await ObserveAsync(who);
            var (name, fold) = (_names[who], _folds[who][^1]);
            var unread = (await _people[who].GetAsync("/api/chat/unread-per-user")).Body;
            foreach (var (people, talk) in _model.Talks.Where(talk => talk.Talk.Conversation is not null))
            {
                if (people.One != name && people.Other != name) continue;
                var other = people.One == name ? people.Other : people.One;
                fold.MessagesOf(talk.Conversation!).ShouldBe(talk.VisibleTo(name));
                fold.ReadBy(talk.Conversation!, name).ShouldBe(talk.Read.GetValueOrDefault(name));
                fold.ReadBy(talk.Conversation!, other).ShouldBeLessThanOrEqualTo(talk.Read.GetValueOrDefault(other));
                (unread.TryGetProperty(other, out var count) ? count.GetInt64() : 0).ShouldBe(talk.Unread(name), $"unread of {name} from {other}");
                var history = (await _people[who].GetAsync($"/api/chat/conversation/{other}")).Body;
                history.EnumerateArray().Select(message => message.GetProperty("message").GetString()).ShouldBe(talk.SeenBy(name).Select(said => said.V1Text));
            }

            await CheckGroupAsync(who);
            await CheckSetApartAsync(who);
            foreach (var other in _names.Where(other => other != name)) fold.RelationTo(other).ShouldBe(_model.Relation(name, other));
            foreach (var transport in Enum.GetValues<Transport>()) await ResumeAsync(who, 0, transport);
        }
    }

    private async Task StartServerAsync()
    {
        // Three fast people for a few seconds, and hours by their clock: limits of rate and of age are other tests'.
        _server = await RunningServer.StartAsync(options => options with { SendsPerSecond = 0, CommandsPerSecond = 0, EditWindow = "unlimited", TokenDays = 3_000 }, _folder, _time);
        _people = await Task.WhenAll(_names.Select(PersonAsync));
        for (var who = 0; who < _names.Length; who++)
        {
            _observers[who] = await _people[who].ConnectAsync($"{_server.Store.Epoch}.{_folds[who][^1].Pos}");
            var hello = await _observers[who]!.ReadAsync();
            hello.GetProperty("resumed").GetBoolean().ShouldBeTrue();
        }
    }

    private async Task<Person> PersonAsync(string name) =>
        await _server.Store.FindAccountAsync(AccountLookup.Id, name, default) is { } known
            ? new Person(_server, known, _server.TokenFor(known.Email!))
            : await _server.AddPersonAsync(name);

    private async Task RestartAsync()
    {
        for (var who = 0; who < _names.Length; who++) await ObserveAsync(who);
        await LeaveAsync();
        await _server.DisposeAsync();
        await StartServerAsync();
    }

    private async Task LeaveAsync()
    {
        for (var who = 0; who < _names.Length; who++)
        {
            if (_devices[who] is { } device) await device.DisposeAsync();
            if (_observers[who] is { } observer) await observer.DisposeAsync();
            _devices[who] = _observers[who] = null;
        }
    }

    /// <summary>Lets the observer take in everything there is.</summary>
    private async Task ObserveAsync(int who)
    {
        var head = await HeadAsync(who);
        while (_folds[who][^1].Pos < head)
        {
            var fold = _folds[who][^1].Copy();
            fold.Take(await _observers[who]!.ReadAsync());
            if (fold.Pos > _folds[who][^1].Pos) _folds[who].Add(fold);
        }

        _observers[who]!.Seen.Clear();
    }

    private async Task<long> HeadAsync(int who) => (await _server.Store.ReadLogAsync(_people[who].Account.Key, long.MaxValue, 1, default)).Head;

    private async Task<TestSocket> DeviceAsync(int who) => _devices[who] ??= await _people[who].OpenAsync($"{_server.Store.Epoch}.{await HeadAsync(who)}");

    private async Task<JsonElement> CommandAsync(int who, string command, object frame)
    {
        var (status, body) = await _people[who].PostAsync($"/api/chat/v2/{command}", frame);
        status.ShouldBe(HttpStatusCode.NoContent, $"{command}: {body}");
        return body;
    }

    private Task<Outcome> DeliveredAsync(int who, long pos) => _server.Store.SubmitAsync(new MarkDelivered(_people[who].Account, pos));
}
