using Microsoft.Extensions.Logging;
using Npgsql;
using Tieline.Core.Accounts;
using Tieline.Core.Delivery;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol.Findings;
using Tieline.Protocol.Frames;
using Tieline.Server.Configuration;

namespace Tieline.Server.Postgres;

/// <summary>Messages in a PostgreSQL database, which any number of equal nodes may share.</summary>
internal sealed partial class PostgresStore : IMessageStore
{
    private readonly NpgsqlDataSource _source;
    private readonly PostgresWriter _writer;
    private readonly PostgresReaders _readers;
    private readonly PostgresLogs _logs;
    private readonly PostgresReplicas _replicas;
    private readonly PostgresHeadWatch? _watch;
    private readonly IAttachmentLinks? _links;
    private readonly TimeProvider _time;
    private readonly int _retentionDays;

    private PostgresStore(NpgsqlDataSource source, string epoch, TielineOptions options, TimeProvider time, Func<string> newId, ICommitListener listener, ILogger log, IAttachmentLinks? links, Feeds? feeds)
    {
        (_source, Epoch, _links, _time, _retentionDays) = (source, epoch, links, time, options.RetentionDays);
        _readers = new PostgresReaders(source, options.StorePool);
        _logs = new PostgresLogs(_readers, links);
        _replicas = new PostgresReplicas(_readers, options, epoch, time, log);
        _writer = new PostgresWriter(source, time, newId, options.Rules, listener, log, links);
        if (feeds is not null) _watch = new PostgresHeadWatch(source, feeds, log);
    }

    public string Epoch { get; }

    /// <summary>See <see cref="PostgresSchema.FilesKey"/>.</summary>
    internal required byte[] FilesKey { get; init; }

    /// <summary>How the ends of logs are read, for who measures it.</summary>
    internal PostgresLogs Logs => _logs;

    /// <summary>How the replicas stand, for the operator.</summary>
    internal IReadOnlyList<ReplicaStatus> Replicas => _replicas.Status;

    /// <summary>Connects, and makes or migrates the tables first.</summary>
    /// <param name="links">Adds addresses to what messages carry; null where nobody is shown any.</param>
    /// <param name="feeds">Told of what other nodes commit; null for somebody without lines.</param>
    /// <exception cref="ConfigurationException">The database cannot be had.</exception>
    /// <exception cref="NewerDatabaseException">It was changed by a newer version.</exception>
    public static PostgresStore Open(TielineOptions options, TimeProvider time, Func<string> newId, ICommitListener listener, ILogger log, IAttachmentLinks? links = null, Feeds? feeds = null)
    {
        var source = PostgresAddress.Pool(options);
        try
        {
            string epoch;
            byte[] filesKey;
            using (var connection = source.OpenConnection())
            {
                epoch = PostgresSchema.Migrate(connection, newId());
                filesKey = PostgresSchema.FilesKey(connection);
                PostgresParts.Extend(connection, time.GetUtcNow(), options.RetentionDays);
            }

            return new PostgresStore(source, epoch, options, time, newId, listener, log, links, feeds) { FilesKey = filesKey };
        }
        catch (NpgsqlException e)
        {
            source.Dispose();
            throw new ConfigurationException([$"store: the database cannot be used: {e.Message} Check the address, that PostgreSQL 15 or later runs there, and that its user may make tables in the database. {FindingCatalogue.OfCause("storage.unreachable")!.Sentence}"]);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    public void Submit(Submission submission) => _writer.Submit(submission);

    public ValueTask<SentRecord?> FindSentAsync(AccountKey sender, string clientId, CancellationToken cancel) =>
        _readers.OneAsync(new PostgresStatement($"{PostgresQueries.SelectSent} WHERE s.sender = $1 AND s.client_id = $2").Add(sender.Value).Add(clientId), PostgresQueries.Sent, cancel);

    public ValueTask<Relation> ReadRelationAsync(AccountKey of, AccountKey to, CancellationToken cancel) =>
        _readers.OneAsync(new PostgresStatement("SELECT blocked_at, muted_at, muted_until FROM relation WHERE account = $1 AND other = $2").Add(of.Value).Add(to.Value),
            row => PostgresQueries.Relation(row, 0), cancel);

    public async ValueTask<string?> CheckWritableAsync(CancellationToken cancel)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancel);
            await using var command = new NpgsqlCommand("INSERT INTO meta(name, value) VALUES('written', '') ON CONFLICT(name) DO UPDATE SET value = meta.value || ''", connection);
            await command.ExecuteNonQueryAsync(cancel);
            return null;
        }
        catch (NpgsqlException e)
        {
            return e.Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_watch is not null) await _watch.DisposeAsync();
        await _replicas.DisposeAsync();
        _writer.Dispose();
        await _source.DisposeAsync();
    }
}
