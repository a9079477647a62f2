using System.Text.Json;

namespace Tieline.Protocol.Frames;

/// <summary>The fields of a command, which comes seldom enough to be read as a tree. Each refusal names the field and carries the command's client_id.</summary>
internal readonly struct CommandFields(JsonElement json, string? clientId)
{
    public const int MaxDepth = 32;

    /// <summary>Valid, or null where the command carries none.</summary>
    public string? ClientId => clientId is null || Identifiers.IsValidClientId(clientId)
        ? clientId : throw Invalid($"client_id must be 1 to {Identifiers.MaxClientIdLength} of A-Z a-z 0-9 . _ ~ | : @ -.");

    public string NeededClientId => ClientId ?? throw Invalid("client_id is missing: it is made once and kept at every resend.");

    public string Text(string field) => OptionalText(field) ?? throw Missing(field);

    public string? OptionalText(string field) => json.Optional(field) is { } value ? TextOf(value, field) : null;

    public bool Flag(string field) => OptionalFlag(field) ?? throw Missing(field);

    public bool? OptionalFlag(string field) => json.Optional(field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Invalid($"{field} must be true or false."),
    };

    public long Number(string field) => OptionalNumber(field) ?? throw Missing(field);

    public long? OptionalNumber(string field) => json.Optional(field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out var number) && number >= 0 => number,
        _ => throw Invalid($"{field} must be a whole number of at least 0."),
    };

    public IReadOnlyList<string> Texts(string field) => OptionalTexts(field) ?? throw Missing(field);

    public IReadOnlyList<string>? OptionalTexts(string field)
    {
        if (json.Optional(field) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array) throw Invalid($"{field} must be an array of strings.");
        var texts = new List<string>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray()) texts.Add(TextOf(item, field));
        return texts;
    }

    /// <summary>The conversation a command is about, named by its id or by the other person.</summary>
    public (string? To, string? Conversation) Target()
    {
        var (to, conversation) = (OptionalText("to"), OptionalText("conversation"));
        return to is null == conversation is null ? throw Invalid("Name the chat once: to (an account) or conversation.") : (to, conversation);
    }

    public FrameException Invalid(string why) => new(WireError.Invalid, why, clientId);

    private FrameException Missing(string field) => Invalid($"{field} is missing.");

    private string TextOf(JsonElement value, string field)
    {
        if (value.ValueKind != JsonValueKind.String) throw Invalid($"{field} must be a string.");
        try
        {
            var text = value.GetString()!;
            return text.Contains('\0', StringComparison.Ordinal) ? throw Invalid($"{field} must not contain U+0000.") : text;
        }
        catch (InvalidOperationException)
        {
            throw Invalid($"{field} contains half of a surrogate pair, which is not a character.");
        }
    }
}
