using System.Text.Json;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.V1;

/// <summary>Messages by the hundred, and what tells them apart.</summary>
internal static class Messages
{
    /// <summary>Stores messages with the texts 1, 2, 3... in that order.</summary>
    public static Task StoreAsync(Person from, Person to, int count, string text = "{0}") =>
        Task.WhenAll(Enumerable.Range(1, count).Select(i => from.Server.Store.SubmitAsync(
            new Send(from.Account, Guid.CreateVersion7().ToString(), to.Account, null, string.Format(System.Globalization.CultureInfo.InvariantCulture, text, i), null))));

    /// <summary>The number of a message in its conversation: in v1 only its id tells it.</summary>
    public static int SeqOf(JsonElement message) => int.Parse(message.GetProperty("id").GetString()!.Split('.')[^1], System.Globalization.CultureInfo.InvariantCulture);

    public static string TextOf(JsonElement message) => message.GetProperty("message").GetString()!;

    /// <summary>The messages of a history frame.</summary>
    public static JsonElement[] In(JsonElement history) => [.. history.GetProperty("messages").EnumerateArray()];
}
