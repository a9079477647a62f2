using System.Net.Http.Headers;
using System.Text.Json;

namespace Tieline.Load;

/// <summary>Our server, its limits lifted, its accounts made at first sight of a token.</summary>
internal sealed class TielineContender : Contender
{
    private const int AccountsAtOnce = 16;

    public override string Name => "tieline";

    public override string Describe => "Tieline v2 socket, SQLite, the native file as operators run it";

    public override IReadOnlyList<string> Command(string folder, int port) =>
    [
        Path.GetFullPath("out/native/tieline"), "serve", "--listen", $"http://127.0.0.1:{port}", "--data", Path.Combine(folder, "data"),
        "--jwt-secret-file", Path.Combine(folder, ServerProcess.SecretFile), "--unknown-accounts", "create",
        "--sends-per-s", "0", "--signups-per-min", "0",
    ];

    /// <summary>An account's id is the server's to choose, so it is asked for.</summary>
    public override async Task<IReadOnlyList<Person>> PeopleAsync(int count, int port, string secret)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        var people = new Person[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AccountsAtOnce }, async (number, cancel) =>
        {
            var token = Token.Sign($"person{number}@bench.example", secret);
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/auth/me");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await http.SendAsync(request, cancel);
            var answer = await response.Content.ReadAsStringAsync(cancel);
            if (!response.IsSuccessStatusCode) throw new BenchException($"GET /api/auth/me answers {(int)response.StatusCode}: {answer}");
            using var me = JsonDocument.Parse(answer);
            people[number] = new Person(number, me.RootElement.GetProperty("id").ToString(), token);
        });
        return people;
    }

    public override Line Line(Person person, ILineEvents events) => new TielineLine(person, events);

    public override string StoreFile(string folder) => Path.Combine(folder, "data", "tieline.db");

    public override string StoreQuery => "SELECT text FROM message ORDER BY conversation, seq";
}
