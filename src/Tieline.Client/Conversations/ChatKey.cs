namespace Tieline.Client.Conversations;

/// <summary>
/// What a chat is known by before and after the server knows it: the other person's account id, or a sign that no account id has and
/// the group's conversation. It is what the outbox keeps.
/// </summary>
internal static class ChatKey
{
    private const char Group = '#';

    public static string OfGroup(string conversation) => Group + conversation;

    /// <summary>The person, null for a group.</summary>
    public static string? Person(string key) => key[0] == Group ? null : key;

    /// <summary>The conversation of a group, null for a person.</summary>
    public static string? Conversation(string key) => key[0] == Group ? key[1..] : null;
}
