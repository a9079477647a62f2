namespace Tieline.Client.Tests.Peers;

internal static class ChatReading
{
    /// <summary>The texts of the first messages of the chat with Bob.</summary>
    public static async Task<List<string>> First(ChatClient client, int count, string with = "u_bob")
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var texts = new List<string>();
        await foreach (var message in client.With(with).Messages(limit.Token))
        {
            texts.Add(message.Text);
            if (texts.Count == count) break;
        }

        return texts;
    }
}
