namespace Tieline.Client.Outboxes;

/// <summary>
/// Where messages wait until the server has confirmed them. Owned by one client at a time; calls come one after the other. A store that
/// throws or hangs costs its keeping across restarts, never a message of this process.
/// </summary>
public interface IOutbox : IAsyncDisposable
{
    /// <summary>Everything kept for this account, in the order of the first <see cref="PutAsync"/>. Called once, before anything else.</summary>
    /// <param name="account">Names the account; what is kept for another one is neither returned nor changed.</param>
    /// <param name="cancel">Ends the wait.</param>
    ValueTask<IReadOnlyList<OutboxItem>> LoadAsync(string account, CancellationToken cancel);

    /// <summary>Keeps an item, or replaces the one with the same client id in its place. When the task is complete, the item survives the end of the process.</summary>
    ValueTask PutAsync(OutboxItem item, CancellationToken cancel);

    /// <summary>Forgets an item. Forgetting one that is not there is fine.</summary>
    ValueTask RemoveAsync(string clientId, CancellationToken cancel);

    /// <summary>Forgets all items of the account: somebody signed out.</summary>
    ValueTask ClearAsync(CancellationToken cancel);
}

/// <summary>A message that the server has not confirmed.</summary>
/// <param name="ClientId">Made once; every resend has it.</param>
/// <param name="To">Account id of the receiver; <c>#</c> and the conversation for a group.</param>
/// <param name="Text">The text.</param>
/// <param name="CreatedAt">When it was written.</param>
public sealed record OutboxItem(string ClientId, string To, string Text, DateTimeOffset CreatedAt)
{
    /// <summary>JSON object, or null.</summary>
    public string? Card { get; init; }

    /// <summary>JSON array, or null.</summary>
    public string? Attachments { get; init; }

    /// <summary>Message id, or null.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Set when it was refused for good: it waits for its author, not for the server.</summary>
    public MessageError? Error { get; init; }
}
