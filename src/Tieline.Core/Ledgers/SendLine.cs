namespace Tieline.Core.Ledgers;

/// <summary>
/// Keeps the order of one connection's sends when one of them is refused for now: every later send is held, and not stored, until the
/// refused client_id comes again. Touched only inside the storing transaction, so no lock.
/// </summary>
public sealed class SendLine
{
    private string? _refused;
    private string? _before;

    public bool Holds(string clientId) => _refused is not null && _refused != clientId;

    public void Refuse(string clientId, bool retryable)
    {
        if (retryable) _refused ??= clientId;
        else Settle(clientId);
    }

    /// <summary>Remembers what holds now, for <see cref="Undo"/>.</summary>
    internal void BeginBatch() => _before = _refused;

    /// <summary>The batch is not stored: what it settled is open again.</summary>
    internal void Undo() => _refused = _before;

    public void Settle(string clientId)
    {
        if (_refused == clientId) _refused = null;
    }
}
