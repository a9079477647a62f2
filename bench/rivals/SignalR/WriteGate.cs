namespace Rival.SignalR;

/// <summary>
/// Open unless `Chat:OneWriter` is set. SQLite has one writer at a time, and Microsoft.Data.Sqlite meets a busy
/// database by sleeping and trying again; a developer who has found that out lets the writers queue up here.
/// </summary>
internal sealed class WriteGate(IConfiguration configuration) : IDisposable
{
    private readonly SemaphoreSlim? _one = configuration.GetValue<bool>("Chat:OneWriter") ? new SemaphoreSlim(1) : null;

    public async ValueTask<Turn> EnterAsync()
    {
        if (_one is not null) await _one.WaitAsync();
        return new Turn(_one);
    }

    public void Dispose() => _one?.Dispose();

    internal readonly struct Turn(SemaphoreSlim? one) : IDisposable
    {
        public void Dispose() => one?.Release();
    }
}
