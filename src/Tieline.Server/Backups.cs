using Tieline.Server.Attachments;
using Tieline.Server.Configuration;
using Tieline.Server.Sqlite;

namespace Tieline.Server;

/// <summary>Copies of the database and of the attachments, taken while the server runs, and put back while it does not.</summary>
public static class Backups
{
    private static readonly TimeSpan _busyTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Writes one archive that holds everything committed at this moment, and the attachments that lie in the data folder. The server may go on.
    /// The database comes first, so no message in it names a file that was not yet there; one deleted for all meanwhile has lost its file.
    /// </summary>
    /// <returns>How many files of attachments it holds; null where they lie in a bucket, which keeps its own copies.</returns>
    /// <exception cref="ConfigurationException">There is no database, or the file exists already.</exception>
    public static int? Create(TielineOptions options, string file)
    {
        RefuseOther(options);
        var database = Path.Combine(options.Data, SqliteStore.FileName);
        if (!File.Exists(database)) throw new ConfigurationException([$"data: there is no database in {options.Data}."]);
        if (File.Exists(file)) throw new ConfigurationException([$"{file} exists already; nothing was overwritten."]);
        var (copy, part) = (file + ".db", file + ".part");
        try
        {
            File.Delete(copy);
            using (var connection = SqliteConnection.Open(database, create: false, _busyTimeout)) connection.Prepare("VACUUM INTO ?").Add(copy).Run();
            var held = BackupArchive.Write(part, copy, options.Files == "folder" ? Path.Combine(options.Data, FileStores.Folder) : null);
            // What has the name is whole.
            File.Move(part, file);
            SyncedFiles.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
            return options.Files == "folder" ? held : null;
        }
        finally
        {
            File.Delete(copy);
            File.Delete(part);
        }
    }

    /// <summary>
    /// Puts a backup in the place of the database, under a new epoch: what happened after the backup is gone, so clients must start
    /// from a snapshot instead of resuming into positions that mean something else now. The old database is kept beside it, and files that
    /// are there already stay. A backup that is a database alone, as older versions wrote it, is taken too.
    /// </summary>
    /// <returns>Where the old database lies now, null when there was none; and how many files of attachments came back.</returns>
    /// <exception cref="ConfigurationException">The file is no backup, or a server runs on the data folder.</exception>
    /// <exception cref="NewerDataException">The backup was written by a newer version.</exception>
    public static (string? Kept, int Files) Restore(TielineOptions options, string file, DateTimeOffset now)
    {
        RefuseOther(options);
        using var folder = DataFolder.Claim(options.Data);
        var fresh = Path.Combine(options.Data, SqliteStore.FileName + ".restoring");
        int files;
        try
        {
            // Files first: whatever interrupts this, the database that counts is a whole one, and has its files.
            files = BackupArchive.Read(file, fresh, Path.Combine(options.Data, FileStores.Folder));
            using var connection = SqliteConnection.Open(fresh, create: false, _busyTimeout);
            SqliteSchema.Migrate(connection, ChatServer.NewId());
            connection.Prepare("UPDATE meta SET value = ? WHERE name = 'epoch'").Add(ChatServer.NewId()).Run();
        }
        catch (Exception e) when (e is SqliteException or InvalidDataException or EndOfStreamException)
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
            // The old log must not come back beside the new database.
            SyncedFiles.SyncFolder(options.Data);
        }

        SyncedFiles.Rename(fresh, database);
        return (kept, files);
    }

    private static void RefuseOther(TielineOptions options)
    {
        if (options.Store != "sqlite") throw new ConfigurationException(["store: this backs up and restores the SQLite file. For PostgreSQL take pg_dump or a base backup: see docs/postgres.md."]);
    }
}
