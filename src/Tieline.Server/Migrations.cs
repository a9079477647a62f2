using System.Globalization;
using Npgsql;
using Tieline.Server.Configuration;
using Tieline.Server.Migration;
using Tieline.Server.Postgres;
using Tieline.Server.Sqlite;

namespace Tieline.Server;

/// <summary>Moves a chat from the SQLite file of a data folder into a PostgreSQL database, with the same ids.</summary>
public static class Migrations
{
    private const int ChunkRows = 2_000;
    private const int ChunkCharacters = 4 * 1024 * 1024;

    /// <summary>Copies what is not copied yet, then compares all of it.</summary>
    /// <param name="target">A postgres:// address.</param>
    /// <param name="newEpoch">True: clients start from a snapshot. False: they resume as if nothing had happened.</param>
    /// <param name="told">Hears of each table when it is copied, and when it is compared.</param>
    /// <exception cref="ConfigurationException">A server runs on the folder, or the target holds something else, or differs afterwards.</exception>
    public static void ToPostgres(string folder, string target, bool newEpoch, Action<string> told)
    {
        using var claimed = DataFolder.Claim(folder);
        var file = Path.Combine(folder, SqliteStore.FileName);
        if (!File.Exists(file)) throw new ConfigurationException([$"data: there is no database in {folder}."]);
        if (PostgresAddress.Check(target) is { } wrong) throw new ConfigurationException([$"to: {wrong}"]);
        // The one thing that is written: a file of an older version gets the tables of this one.
        using (var connection = SqliteConnection.Open(file, create: false, TimeSpan.FromSeconds(10))) SqliteSchema.Migrate(connection, ChatServer.NewId());
        using var source = new SourceData(folder);
        using var pool = PostgresAddress.Pool(new TielineOptions { Store = target, StorePool = 3, StorePrepare = false });
        try
        {
            using var connection = pool.OpenConnection();
            PostgresSchema.Migrate(connection, ChatServer.NewId(), filling: true);
            var epoch = (string)source.Read("t", "SELECT value FROM meta WHERE name = 'epoch'").Single()[0]!;
            Begin(connection, epoch);
            MakeParts(source, connection);
            foreach (var table in MigratedTables.All) Copy(source, connection, table, told);
            foreach (var table in MigratedTables.All) Compare(source, connection, table, told);
            Finish(connection, newEpoch ? ChatServer.NewId() : epoch, epoch);
        }
        catch (NpgsqlException e)
        {
            throw new ConfigurationException([$"to: {e.Message} What is copied stays; start again to go on."]);
        }
    }

    /// <summary>The target is new, or was being filled from this same source.</summary>
    private static void Begin(NpgsqlConnection connection, string epoch)
    {
        var from = Ask(connection, $"SELECT value FROM meta WHERE name = '{PostgresSchema.Filling}'");
        if (from == epoch) return;
        if (from is not null) throw new ConfigurationException(["to: this database is being filled from another one. Give an empty database."]);
        if (Ask(connection, "SELECT id FROM account LIMIT 1") is not null)
            throw new ConfigurationException(["to: this database holds a chat already. Give an empty database."]);
        Execute(connection, $"INSERT INTO meta(name, value) VALUES('{PostgresSchema.Filling}', '{epoch}')");
    }

    /// <summary>So that the messages lie in parts that a retention can drop. What a false clock put into another age lies with that of other times.</summary>
    private static void MakeParts(SourceData source, NpgsqlConnection connection)
    {
        var span = source.Read("ii", "SELECT MIN(created_at), MAX(created_at) FROM message").Single();
        if (span is not [long first, long last]) return;
        var now = DateTimeOffset.UtcNow;
        var from = new DateTimeOffset(DateTime.UnixEpoch.AddMicroseconds(Math.Max(first, Protocol.Timestamp.From(now.AddYears(-20)).Microseconds)));
        var to = new DateTimeOffset(DateTime.UnixEpoch.AddMicroseconds(Math.Min(last, Protocol.Timestamp.From(now).Microseconds) + 1));
        PostgresParts.Cover(connection, from, to, retentionDays: 0);
    }

    private static void Copy(SourceData source, NpgsqlConnection connection, MigratedTable table, Action<string> told)
    {
        var done = long.Parse(Ask(connection, $"SELECT value FROM meta WHERE name = 'filled {table.Name}'") ?? "0", CultureInfo.InvariantCulture);
        var chunk = new List<object?[]>();
        var (skip, characters) = (done, 0);
        foreach (var row in table.Rows(source))
        {
            if (skip-- > 0) continue;
            chunk.Add(row);
            characters += row.Sum(value => (value as string)?.Length ?? 0);
            if (chunk.Count == ChunkRows || characters > ChunkCharacters) Store();
        }

        if (chunk.Count > 0) Store();
        told(string.Create(CultureInfo.InvariantCulture, $"{table.Name}: {done} rows copied"));

        void Store()
        {
            // The rows and how many there are now in one commit: a copy that is cut off goes on where it was.
            using var transaction = connection.BeginTransaction();
            using var batch = new NpgsqlBatch(connection, transaction);
            batch.BatchCommands.Add(table.Insert(chunk).Command());
            done += chunk.Count;
            batch.BatchCommands.Add(new PostgresStatement("INSERT INTO meta(name, value) VALUES($1, $2) ON CONFLICT(name) DO UPDATE SET value = excluded.value")
                .Add($"filled {table.Name}").Add(done.ToString(CultureInfo.InvariantCulture)).Command());
            batch.ExecuteNonQuery();
            transaction.Commit();
            chunk.Clear();
            characters = 0;
        }
    }

    private static void Compare(SourceData source, NpgsqlConnection connection, MigratedTable table, Action<string> told)
    {
        var there = default(TableSum);
        using (var batch = new NpgsqlBatch(connection))
        {
            batch.BatchCommands.Add(table.SelectAll().Command());
            using var reader = batch.ExecuteReader();
            while (reader.Read()) there = there.Add(table.Checksum(table.Read(reader)));
        }

        var here = default(TableSum);
        foreach (var row in table.Rows(source)) here = here.Add(table.Checksum(row));
        if (here != there)
            throw new ConfigurationException([string.Create(CultureInfo.InvariantCulture,
                $"to: {table.Name} differs: {here.Rows} rows with checksum {here.Checksum:x16} in the source, {there.Rows} with {there.Checksum:x16} in the target. Drop the database and start again.")]);
        told(string.Create(CultureInfo.InvariantCulture, $"{table.Name}: {here.Rows} rows, checksum {here.Checksum:x16} on both sides"));
    }

    private static void Finish(NpgsqlConnection connection, string epoch, string from)
    {
        Execute(connection, "SELECT setval('account_key', GREATEST((SELECT MAX(key) FROM account), 1)), setval('conversation_key', GREATEST((SELECT MAX(key) FROM conversation), 1))");
        Execute(connection, $"""
            BEGIN; DELETE FROM meta WHERE name = '{PostgresSchema.Filling}' OR name LIKE 'filled %'; UPDATE meta SET value = '{epoch}' WHERE name = 'epoch';
            INSERT INTO meta(name, value) VALUES('filled from', '{from}') ON CONFLICT DO NOTHING; COMMIT
            """);
        Execute(connection, "ANALYZE");
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.ExecuteNonQuery();
    }

    private static string? Ask(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar() as string;
    }
}
