using Microsoft.Extensions.Logging;
using Tieline.Core.Accounts;
using Tieline.Core.Storage;
using Tieline.Server.Configuration;

namespace Tieline.Server.Postgres;

/// <summary>
/// The replicas that pages of history and searches are read from. What comes from one is never older than what the primary shows, nor newer; where that cannot be had at
/// once the primary is asked as if there were none.
/// </summary>
internal sealed class PostgresReplicas : IAsyncDisposable
{
    private static readonly TimeSpan _lookEvery = TimeSpan.FromSeconds(1);

    /// <summary>One that is well again before is not spoken of.</summary>
    private static readonly TimeSpan _missedAfter = TimeSpan.FromSeconds(3);

    private readonly PostgresReaders _primary;
    private readonly PostgresHeads _heads;
    private readonly PostgresReplica[] _replicas;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private uint _next;

    public PostgresReplicas(PostgresReaders primary, TielineOptions options, string epoch, TimeProvider time, ILogger log)
    {
        (_primary, _heads, _time, _log) = (primary, new PostgresHeads(primary), time, log);
        _replicas = [.. PostgresAddress.List(options.Replicas).Select(address => new PostgresReplica(address, options, epoch, time))];
        _running = _replicas.Length == 0 ? Task.CompletedTask : Task.WhenAll(_replicas.Select(WatchAsync));
    }

    public IReadOnlyList<ReplicaStatus> Status => [.. _replicas.Select(replica => new ReplicaStatus(replica.Address, replica.Since, replica.Reads, replica.Why))];

    /// <summary>Reads what concerns one account, all of one moment.</summary>
    public async ValueTask<T> ReadAsync<T>(AccountKey account, Func<PostgresReading, Task<T>> read, CancellationToken cancel)
    {
        if (Next() is { } replica)
        {
            var (isAnswered, found) = await replica.TryReadAsync(account, await _heads.ReadAsync(account, cancel), read, cancel);
            if (isAnswered) return found!;
        }

        return await _primary.ReadAsync(read, cancel, snapshot: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        await _running;
        foreach (var replica in _replicas) await replica.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>In turn, of those that are well.</summary>
    private PostgresReplica? Next()
    {
        var start = Interlocked.Increment(ref _next);
        for (var i = 0u; i < _replicas.Length; i++)
            if (_replicas[(start + i) % (uint)_replicas.Length] is { Why: null } replica) return replica;
        return null;
    }

    private async Task WatchAsync(PostgresReplica replica)
    {
        try
        {
            for (; ; await Task.Delay(_lookEvery, _stop.Token))
                if (replica.Why is not null) await LookAsync(replica);
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task LookAsync(PostgresReplica replica)
    {
        var since = replica.Since;
        try
        {
            await replica.LookAsync((await _heads.ReadAsync(default, _stop.Token)).Lsn, _stop.Token);
        }
        catch (StoreUnavailableException)
        {
            // Nothing can be said of a replica while its primary is away.
            return;
        }

        if (replica.Why is not { } why)
        {
            if (replica.Told != true) ServerLog.ReplicaThere(_log, replica.Address);
            replica.Told = true;
        }
        else if (replica.Told != false && _time.GetUtcNow() - since >= _missedAfter)
        {
            ServerLog.ReplicaMissed(_log, replica.Address, why);
            replica.Told = false;
        }
    }
}

/// <param name="Address">Without its password.</param>
/// <param name="Reads">What it answered since this node started.</param>
/// <param name="Why">Why it is not read from; null while it is.</param>
internal sealed record ReplicaStatus(string Address, DateTimeOffset Since, long Reads, string? Why);
