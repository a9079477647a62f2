using System.Net;
using System.Text.Json;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Attachments;

/// <summary>Messages with attachments.</summary>
internal static class Sent
{
    /// <summary>Sends a finished upload.</summary>
    /// <returns>The message's id.</returns>
    public static async Task<string> SendAsync(Person from, Person to, string id)
    {
        var (status, ack) = await from.PostAsync("/api/chat/messages", new { client_id = Guid.CreateVersion7().ToString(), to = to.Id, message = "", attachments = new[] { new { id } } });
        status.ShouldBe(HttpStatusCode.OK, ack.ToString());
        return ack.GetProperty("id").GetString()!;
    }

    /// <summary>Sends a finished upload; returns how the receiver sees it.</summary>
    public static async Task<JsonElement> ShownAsync(Person from, Person to, string id)
    {
        await SendAsync(from, to, id);
        return await NewestAsync(to);
    }

    public static async Task<JsonElement> NewestAsync(Person person)
    {
        var (_, list) = await person.GetAsync("/api/chat/conversations");
        return list.GetProperty("conversations")[0].GetProperty("last").GetProperty("attachments")[0];
    }
}
