using System.Text.Json;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.PowerLoss;

/// <summary>A message, what its sender was told about it, and when. Times are nanoseconds since 1970, by the clock that strace reads too.</summary>
internal sealed class Said(Person sender, string toOrConversation, string to, string text, string? upload = null)
{
    private static readonly DateTimeOffset _epoch = DateTimeOffset.UnixEpoch;

    public Person Sender { get; } = sender;
    public string ClientId { get; } = Guid.CreateVersion7().ToString();
    public string Text { get; } = text;

    /// <summary>One that stands in no other message: what a search for it finds is this one.</summary>
    public string Word => Text.Split(' ')[2];

    /// <summary>The id of the file that it carries.</summary>
    public string? Upload { get; } = upload;

    public string Conversation { get; private set; } = "";
    public string Id { get; private set; } = "";
    public long Seq { get; private set; }

    /// <summary>When its acknowledgement had come.</summary>
    public long AcknowledgedAt { get; private set; } = long.MaxValue;

    /// <summary>What it is changed into; null: it is deleted.</summary>
    public string? NewText { get; private set; }

    public long ChangeBegunAt { get; private set; } = long.MaxValue;
    public long ChangedAt { get; private set; } = long.MaxValue;

    public static long Now => (DateTimeOffset.UtcNow - _epoch).Ticks * 100;

    public static string NewWord() => $"w{Guid.NewGuid():N}";

    public bool IsAcknowledged => AcknowledgedAt != long.MaxValue;

    /// <summary>The same at every try, as a frame and as the body of a request.</summary>
    public Dictionary<string, object> Frame()
    {
        var frame = new Dictionary<string, object> { ["type"] = "send", ["client_id"] = ClientId, [toOrConversation] = to, ["message"] = Text };
        if (Upload is not null) frame["attachments"] = new[] { new { id = Upload } };
        return frame;
    }

    /// <summary>Another one to the same.</summary>
    public Said Another() => new(Sender, toOrConversation, to, $"and on {NewWord()}");

    public void Acknowledge(JsonElement ack) =>
        (AcknowledgedAt, Conversation, Id, Seq) = (Now, ack.GetProperty("conversation").GetString()!, ack.GetProperty("id").GetString()!, ack.GetProperty("seq").GetInt64());

    public void BeginChange(string? into) => (NewText, ChangeBegunAt) = (into, Now);

    public void AcknowledgeChange() => ChangedAt = Now;
}
