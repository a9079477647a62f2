using Tieline.Server.Configuration;
using Tieline.Server.Sqlite;

namespace Tieline.Server;

/// <summary>Copies of the database, taken while the server runs, and put back while it does not.</summary>
public static class Backups
{
    private static readonly TimeSpan _busyTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Writes one file that holds everything committed at this moment. The server may go on.</summary>
    /// <exception cref="ConfigurationException">There is no database, or the file exists already.</exception>
    public static void Create(TielineOptions options, string file)
    {
        var database = Path.Combine(options.Data, SqliteStore.FileName);
        if (!File.Exists(database)) throw new ConfigurationException([$"data: there is no database in {options.Data}."]);
        if (File.Exists(file)) throw new ConfigurationException([$"{file} exists already; nothing was overwritten."]);
        using var connection = SqliteConnection.Open(database, create: false, _busyTimeout);
        connection.Prepare("VACUUM INTO ?").Add(file).Run();
    }

    /// <summary>
    /// Puts a backup in the place of the database, under a new epoch: what happened after the backup is gone, so clients must start
    /// from a snapshot instead of resuming into positions that mean something else now. The old database is kept beside it.
    /// </summary>
    /// <returns>Where the old database lies now, null when there was none.</returns>
    /// <exception cref="ConfigurationException">The file is no backup, or a server runs on the data folder.</exception>
    /// <exception cref="NewerDataException">The backup was written by a newer version.</exception>
    public static string? Restore(TielineOptions options, string file, DateTimeOffset now)
    {
        using var folder = DataFolder.Claim(options.Data);
        var fresh = Path.Combine(options.Data, SqliteStore.FileName + ".restoring");
        File.Copy(file, fresh, overwrite: true);
        try
        {
            using var connection = SqliteConnection.Open(fresh, create: false, _busyTimeout);
            SqliteSchema.Migrate(connection, ChatServer.NewId());
            connection.Prepare("UPDATE meta SET value = ? WHERE name = 'epoch'").Add(ChatServer.NewId()).Run();
        }
        catch (SqliteException e)
        {
            File.Delete(fresh);
            throw new ConfigurationException([$"{file} is no backup of Tieline: {e.Message}"]);
        }

        var database = Path.Combine(options.Data, SqliteStore.FileName);
        string? kept = null;
        if (File.Exists(database))
        {
            kept = $"{database}.before-{now:yyyyMMddTHHmmssZ}";
            foreach (var part in (string[])["", "-wal", "-shm"])
                if (File.Exists(database + part)) File.Move(database + part, kept + part);
        }

        File.Move(fresh, database);
        return kept;
    }
}
