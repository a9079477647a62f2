using Microsoft.Extensions.Logging;
using Npgsql;
using Tieline.Core.Accounts;
using Tieline.Core.Delivery;

namespace Tieline.Server.Postgres;

/// <summary>
/// Looks at the heads of the accounts that have lines on this node, so that what another node has committed is delivered here without any word from that node. A
/// bus only makes it sooner: it raises the same feeds.
/// </summary>
internal sealed class PostgresHeadWatch : IAsyncDisposable
{
    /// <summary>One look, and the time until the next: what was committed elsewhere is delivered within two seconds.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private const int Chunk = 5_000;

    private readonly NpgsqlDataSource _source;
    private readonly Feeds _feeds;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private bool _failing;

    public PostgresHeadWatch(NpgsqlDataSource source, Feeds feeds, ILogger log)
    {
        (_source, _feeds, _log) = (source, feeds, log);
        _running = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                // Not all nodes at the same moment.
                await Task.Delay(_pause * (0.75 + (Random.Shared.NextDouble() / 2)), _stop.Token);
                await LookAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task LookAsync()
    {
        try
        {
            foreach (var accounts in _feeds.Heads.Chunk(Chunk)) await LookAsync(accounts);
            if (_failing) ServerLog.HeadsSeen(_log);
            _failing = false;
        }
        // Whatever it is: a watch that ended would be missed by nobody, and every line here would fall silent.
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            if (!_failing) ServerLog.HeadsUnseen(_log, e);
            _failing = true;
        }
    }

    private async Task LookAsync((AccountKey Account, long Head)[] accounts)
    {
        await using var connection = await _source.OpenConnectionAsync(_stop.Token);
        await new PostgresReading(connection, null, _stop.Token).EachAsync(new PostgresStatement("""
            SELECT h.account, h.pos FROM unnest($1, $2) known(account, pos) JOIN head h ON h.account = known.account AND h.pos > known.pos
            """).Add(accounts.Select(known => known.Account.Value)).Add(accounts.Select(known => known.Head)),
            row => _feeds.Raise(new AccountKey(row.Long(0)), row.Long(1)));
    }
}
