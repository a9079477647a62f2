// A chat in the console: dotnet run -- http://127.0.0.1:8000 THEIR-ACCOUNT-ID, with your token in TIELINE_TOKEN.
using Tieline.Client;

var (url, peer) = (args[0], args[1]);
var token = Environment.GetEnvironmentVariable("TIELINE_TOKEN") ?? "";

await using var chat = new ChatClient(url, _ => Task.FromResult(token));
chat.StateChanged += (_, status) => Console.WriteLine($"({status})");

var them = chat.With(peer);
_ = ShowAsync();
while (Console.ReadLine() is { Length: > 0 } text)
{
    Message stored = await them.SendAsync(text);
    Console.WriteLine($"(stored as number {stored.Seq})");
}

async Task ShowAsync()
{
    await foreach (var message in them.Messages()) Console.WriteLine($"{(message.IsMine ? "me" : "them")}: {message.Text}");
}
