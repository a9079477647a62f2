using System.Collections.Concurrent;

namespace Tieline.Client.Tests.Peers;

internal static class ChatReading
{
    /// <summary>Reads a chat into a list that grows.</summary>
    public static ConcurrentQueue<string> Follow(ChatClient client, string with = "u_bob")
    {
        var texts = new ConcurrentQueue<string>();
        _ = FollowAsync(client, with, texts);
        return texts;
    }

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

    private static async Task FollowAsync(ChatClient client, string with, ConcurrentQueue<string> texts)
    {
        await foreach (var message in client.With(with).Messages()) texts.Enqueue(message.Text);
    }
}
