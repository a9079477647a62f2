using Tieline.Client.Conversations;

namespace Tieline.Client;

/// <summary>The chat with one person.</summary>
public sealed class DirectChat : Chat
{
    internal DirectChat(ChatClient client, string accountId) : base(client, accountId) => AccountId = accountId;

    /// <summary>The other person's account id.</summary>
    public string AccountId { get; }
}

/// <summary>The chat of a group.</summary>
public sealed class GroupChat : Chat
{
    internal GroupChat(ChatClient client, string conversationId) : base(client, ChatKey.OfGroup(conversationId)) => ConversationId = conversationId;

    /// <summary>The conversation's id.</summary>
    public string ConversationId { get; }
}
