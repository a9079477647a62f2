using System.CommandLine;
using System.Text.Json;
using Tieline.Client;

namespace Tieline.Cli.Commands;

/// <summary><c>tieline chat URL --as E-MAIL --with E-MAIL</c>: a chat in the terminal, for trying a server out.</summary>
internal static class ChatCommand
{
    public static Command Create()
    {
        var url = new Argument<string>("url") { Description = "Where the chat is served, for example http://127.0.0.1:8000." };
        var self = new Option<string?>("--as") { Description = "Your e-mail address. The password is asked for; TIELINE_TOKEN in the environment stands in for both." };
        var other = new Option<string>("--with") { Description = "E-mail address or username of the other person.", Required = true };
        var verbose = new Option<bool>("--verbose") { Description = "Also print what the connection does." };
        var command = new Command("chat", "Chat in the terminal: history, live messages, and the state of the connection.") { url, self, other, verbose };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(url)!, parsed.GetValue(self), parsed.GetValue(other)!, parsed.GetValue(verbose), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string url, string? self, string other, bool verbose, CancellationToken cancel)
    {
        var screen = new ChatScreen();
        try
        {
            var getToken = await SignInAsync(url, self, cancel);
            await using var chat = new ChatClient(url, getToken, verbose ? new ChatClientOptions { Log = line => screen.Note(line) } : null);
            var people = await chat.FindPeopleAsync(other, cancel);
            if (people.Count == 0) return Refuse($"Nobody is known here as '{other}'.");
            await new ChatConversation(chat, people[0], screen).RunAsync(cancel);
            return 0;
        }
        catch (ChatRequestException e)
        {
            return Refuse($"{url} did not answer as expected: {e.Message}.");
        }
        catch (Exception e) when (e is SignInException or ArgumentException)
        {
            return Refuse(e.Message);
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }

    /// <summary>The token of the environment, or one for the password; that is asked once and used again when a token runs out.</summary>
    private static async Task<Func<CancellationToken, Task<string>>> SignInAsync(string url, string? self, CancellationToken cancel)
    {
        if (Environment.GetEnvironmentVariable("TIELINE_TOKEN") is { Length: > 0 } token) return _ => Task.FromResult(token);
        if (self is null) throw new SignInException("Say who you are: --as E-MAIL, or a token in TIELINE_TOKEN.");
        var password = ChatScreen.AskPassword($"Password of {self}: ");
        string? first = await LoginAsync(url, self, password, cancel);
        return async inner => Interlocked.Exchange(ref first, null) ?? await LoginAsync(url, self, password, inner);
    }

    private static async Task<string> LoginAsync(string url, string email, string password, CancellationToken cancel)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(15) };
        using var form = new FormUrlEncodedContent([new("username", email), new("password", password)]);
        try
        {
            using var answer = await http.PostAsync(new Uri(new Uri(url.TrimEnd('/') + "/"), "api/auth/login"), form, cancel);
            var body = await answer.Content.ReadAsStringAsync(cancel);
            using var json = JsonDocument.Parse(body);
            if (answer.IsSuccessStatusCode) return json.RootElement.GetProperty("access_token").GetString()!;
            throw new SignInException($"Not signed in: {(json.RootElement.TryGetProperty("detail", out var detail) ? detail.ToString() : $"HTTP {(int)answer.StatusCode}")}.");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or UriFormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new SignInException($"{url} did not answer the login as Tieline does: {e.Message}");
        }
    }

    private static int Refuse(string why)
    {
        Console.Error.WriteLine(why);
        return 1;
    }

    private sealed class SignInException(string message) : Exception(message);
}
