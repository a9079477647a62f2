using Microsoft.Extensions.Logging;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol.Findings;
using Tieline.Protocol.Frames;
using Tieline.Server.Configuration;

namespace Tieline.Server.Sqlite;

/// <summary>Messages in one SQLite file: write-ahead log, synchronous=FULL, one writer, a few readers.</summary>
internal sealed partial class SqliteStore : IMessageStore
{
    public const string FileName = "tieline.db";
    private const int Readers = 4;

    /// <summary>Their own, so that a long search keeps no chat from opening.</summary>
    private const int Searchers = 2;

    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;
    private readonly SqliteReaders _searchers;
    private readonly SqliteIndexer _indexer;
    private readonly SqliteCheckpointer _checkpointer;
    private readonly string _path;

    private SqliteStore(string path, string epoch, TimeProvider time, Func<string> newId, LedgerRules rules, ICommitListener listener, ILogger log, IAttachmentLinks? links)
    {
        _path = path;
        Epoch = epoch;
        _indexer = new SqliteIndexer(Path.GetDirectoryName(path)!, epoch, listener, log);
        _writer = new SqliteWriter(path, time, newId, rules, _indexer, log, links);
        _readers = new SqliteReaders(path, Readers, links);
        _searchers = new SqliteReaders(path, Searchers, links, attach: Path.Combine(Path.GetDirectoryName(path)!, SqliteSearchFile.FileName));
        _checkpointer = new SqliteCheckpointer(path, _writer, log);
        _indexer.Start();
    }

    public string Epoch { get; }

    /// <summary>Batches committed so far.</summary>
    public long Commits => _writer.Commits;

    /// <summary>Opens the database in a folder, makes or migrates it first.</summary>
    /// <param name="links">Adds addresses to what messages carry; null where nobody is shown any.</param>
    /// <exception cref="NewerDataException">It was written by a newer version.</exception>
    /// <exception cref="ConfigurationException">The disk is full.</exception>
    public static SqliteStore Open(string folder, TimeProvider time, Func<string> newId, ICommitListener listener, ILogger log, LedgerRules? rules = null, IAttachmentLinks? links = null)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, FileName);
        try
        {
            var epoch = Prepare(path, newId);
            return new SqliteStore(path, epoch, time, newId, rules ?? LedgerRules.Default, listener, log, links);
        }
        catch (SqliteException e) when (e.IsFull)
        {
            throw new ConfigurationException([$"data: nothing can be written to {folder}: {e.Message} {FindingCatalogue.OfCause("storage.disk_full")!.Sentence}"]);
        }
    }

    /// <summary>Makes the file or brings it up to date, and says its epoch.</summary>
    private static string Prepare(string path, Func<string> newId)
    {
        // A server that was killed may have left the end of its log with the kernel alone. What is found there is told to people, so it must be on the disk.
        SyncedFiles.Sync(path + "-wal");
        using var connection = SqliteConnection.Open(path, create: true, TimeSpan.FromSeconds(10));
        // Small pages: a batch writes a leaf for each conversation and account it touches, and all of the leaf goes through the log.
        connection.Execute("PRAGMA page_size = 2048; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
        SqliteSchema.Migrate(connection, newId());
        var row = connection.Prepare("SELECT value FROM meta WHERE name = 'epoch'");
        row.Step();
        return row.Text(0);
    }

    public void Submit(Submission submission) => _writer.Submit(submission);

    public ValueTask<SentRecord?> FindSentAsync(AccountKey sender, string clientId, CancellationToken cancel) =>
        _readers.ReadAsync(connection => SqliteFacts.ReadSent(connection, sender, clientId), cancel);

    public ValueTask<Relation> ReadRelationAsync(AccountKey of, AccountKey to, CancellationToken cancel) =>
        _readers.ReadAsync(connection => SqliteFacts.ReadRelation(connection, of, to), cancel);

    public ValueTask<string?> CheckWritableAsync(CancellationToken cancel) => new(Task.Run(CheckWritable, cancel));

    public ValueTask DisposeAsync()
    {
        _writer.Dispose();
        _indexer.Dispose();
        _checkpointer.Dispose();
        _readers.Dispose();
        _searchers.Dispose();
        return ValueTask.CompletedTask;
    }

    private string? CheckWritable()
    {
        try
        {
            using var connection = SqliteConnection.Open(_path, create: false, TimeSpan.FromSeconds(2));
            connection.Execute("BEGIN IMMEDIATE; INSERT INTO meta(name, value) VALUES('written', '') ON CONFLICT(name) DO UPDATE SET value = value || ''; COMMIT");
            return null;
        }
        catch (SqliteException e)
        {
            return e.Message;
        }
    }
}
