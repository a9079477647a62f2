namespace Tieline.Protocol.Frames;

public static partial class ClientFrameReader
{
    /// <summary>People whose presence one line is told.</summary>
    public const int MaxWatched = 200;

    /// <summary>Characters of what a reporter adds in his own words.</summary>
    public const int MaxFlagText = 2_000;

    public static IReadOnlyList<string> FlagReasons { get; } = ["spam", "abuse", "illegal", "other"];

    private static ClientFrame? ReadLiveCommand(string type, in CommandFields fields) => type switch
    {
        "typing" => new TypingFrame(fields.Text("conversation")),
        "watch" => fields.Texts("users") is { Count: <= MaxWatched } users ? new WatchFrame(users) : throw fields.Invalid($"At most {MaxWatched} people are watched."),
        "privacy" => ReadPrivacy(fields),
        "accept" => new AcceptFrame(fields.Text("conversation"), fields.ClientId),
        "flag" => ReadFlag(fields),
        _ => null,
    };

    private static PrivacyFrame ReadPrivacy(in CommandFields fields)
    {
        var frame = new PrivacyFrame(fields.OptionalFlag("receipts"), fields.OptionalFlag("online"), fields.OptionalFlag("last_seen"), fields.OptionalFlag("typing"), fields.ClientId);
        return frame is { Receipts: null, Online: null, LastSeen: null, Typing: null } ? throw fields.Invalid("privacy sets at least one of receipts, online, last_seen and typing.") : frame;
    }

    private static FlagFrame ReadFlag(in CommandFields fields)
    {
        var (id, user, reason, text) = (fields.OptionalText("id"), fields.OptionalText("user"), fields.Text("reason"), fields.OptionalText("text"));
        if (id is null == user is null) throw fields.Invalid("flag names what it is about once: id (a message) or user.");
        if (!FlagReasons.Contains(reason)) throw fields.Invalid($"reason must be one of {string.Join(", ", FlagReasons)}.");
        if (text is { Length: > MaxFlagText }) throw fields.Invalid($"text may have at most {MaxFlagText} characters.");
        return new FlagFrame(id, user, reason, text, fields.ClientId);
    }
}
