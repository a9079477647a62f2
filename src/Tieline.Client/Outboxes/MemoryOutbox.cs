namespace Tieline.Client.Outboxes;

/// <summary>Keeps nothing beyond the process: the client holds its unsent messages itself.</summary>
public sealed class MemoryOutbox : IOutbox
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<OutboxItem>> LoadAsync(string account, CancellationToken cancel) => new([]);

    /// <inheritdoc/>
    public ValueTask PutAsync(OutboxItem item, CancellationToken cancel) => default;

    /// <inheritdoc/>
    public ValueTask RemoveAsync(string clientId, CancellationToken cancel) => default;

    /// <inheritdoc/>
    public ValueTask ClearAsync(CancellationToken cancel) => default;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;
}
