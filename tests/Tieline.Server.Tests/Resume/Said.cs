using System.Text.Json;

namespace Tieline.Server.Tests.Resume;

/// <summary>A message as everybody may see it who sees it at all.</summary>
internal sealed class Said(long seq, string from, string clientId, string text)
{
    public long Seq { get; } = seq;
    public string From { get; } = from;
    public string ClientId { get; } = clientId;
    public string Text { get; set; } = text;
    public bool Edited { get; set; }
    public bool Deleted { get; private set; }
    public bool Pinned { get; set; }
    public bool Forwarded { get; init; }
    public bool Notice { get; init; }
    public string? Quote { get; set; }
    public DateTimeOffset? Expires { get; set; }
    public SortedDictionary<string, string> Reactions { get; } = new(StringComparer.Ordinal);
    public HashSet<string> HiddenFrom { get; } = [];
    public HashSet<string> StarredBy { get; } = [];

    /// <summary>Its time has come: it is nobody's any more.</summary>
    public bool Gone { get; set; }

    /// <summary>What the first protocol says of it.</summary>
    public string V1Text => Deleted ? "This message was deleted" : Notice && ClientId == "?" ? "How long messages stay here was changed" : Text;

    public void Delete()
    {
        (Text, Deleted, Edited, Pinned, Quote) = ("", true, false, false, null);
        Reactions.Clear();
    }

    public bool IsVisibleTo(string who) => !Gone && !HiddenFrom.Contains(who);

    public override string ToString() => Line(Seq, From, ClientId, Text, Edited, Deleted, Pinned, Forwarded, Expires, Quote, Reactions.Select(reaction => reaction.Value + reaction.Key));

    /// <summary>The same line of what a server told.</summary>
    public static string Line(JsonElement message)
    {
        // Nobody has chosen the client_id of a notice that a chat is told without one.
        var notice = message.TryGetProperty("system", out var system) && system.GetProperty("kind").GetString() == "disappear";
        return Line(message.GetProperty("seq").GetInt64(), message.GetProperty("from_user").GetString()!, notice ? "?" : message.GetProperty("client_id").GetString()!,
            message.GetProperty("message").GetString()!, message.TryGetProperty("edited_at", out _), message.TryGetProperty("deleted", out _), message.TryGetProperty("pinned_at", out _),
            message.TryGetProperty("forwarded", out _), ExpiryOf(message), message.TryGetProperty("quote", out var quote) ? quote.GetProperty("message").GetString() : null,
            message.TryGetProperty("reactions", out var reactions) ? reactions.EnumerateArray().SelectMany(Reacted).Order(StringComparer.Ordinal) : []);
    }

    public static DateTimeOffset? ExpiryOf(JsonElement message) => message.TryGetProperty("expires_at", out var end) ? end.GetDateTimeOffset() : null;

    private static IEnumerable<string> Reacted(JsonElement reaction) =>
        reaction.GetProperty("users").EnumerateArray().Select(user => reaction.GetProperty("emoji").GetString() + user.GetString());

    private static string Line(long seq, string from, string clientId, string text, bool edited, bool deleted, bool pinned, bool forwarded, DateTimeOffset? expires, string? quote, IEnumerable<string> reactions)
    {
        string?[] marks =
        [
            edited ? "edited" : null, deleted ? "deleted" : null, pinned ? "pinned" : null, forwarded ? "forwarded" : null,
            expires is { } end ? $"until:{end:HH:mm:ss.ffffff}" : null, quote is null ? null : $"quote:{quote}", .. reactions.Order(StringComparer.Ordinal),
        ];
        return $"{seq} {from} {clientId} [{string.Join('|', marks.Where(mark => mark is not null))}] {text}";
    }
}
