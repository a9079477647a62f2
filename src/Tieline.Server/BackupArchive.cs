using System.Formats.Tar;
using Tieline.Server.Sqlite;

namespace Tieline.Server;

/// <summary>A backup as a tar: <c>tieline.db</c>, then <c>files/ab/abc...</c>. Any tar program can look into it.</summary>
internal static class BackupArchive
{
    private const string FilesPrefix = "files/";
    private static ReadOnlySpan<byte> DatabaseMagic => "SQLite format 3\0"u8;

    /// <param name="files">The folder of attachments, null for none.</param>
    /// <returns>How many of its files are in.</returns>
    public static int Write(string archive, string database, string? files)
    {
        var held = 0;
        using var output = new FileStream(archive, FileMode.Create, FileAccess.Write, FileShare.None);
        using (var tar = new TarWriter(output, TarEntryFormat.Pax, leaveOpen: true))
        {
            tar.WriteEntry(database, SqliteStore.FileName);
            foreach (var path in Directory.Exists(files) ? Directory.EnumerateFiles(files, "*", SearchOption.AllDirectories) : [])
            {
                var name = FilesPrefix + Path.GetRelativePath(files!, path).Replace('\\', '/');
                // One that is being written is not named by any message in the database.
                if (!IsNameOfFile(name)) continue;
                try
                {
                    tar.WriteEntry(path, name);
                    held++;
                }
                catch (FileNotFoundException)
                {
                    // Its message was deleted this moment.
                }
            }
        }

        output.Flush(flushToDisk: true);
        return held;
    }

    /// <param name="database">Where to put the database.</param>
    /// <param name="files">Where to put the attachments.</param>
    /// <exception cref="InvalidDataException">It is neither such an archive nor a database.</exception>
    public static int Read(string archive, string database, string files)
    {
        using var input = File.OpenRead(archive);
        Span<byte> magic = stackalloc byte[DatabaseMagic.Length];
        if (input.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual(DatabaseMagic))
        {
            File.Copy(archive, database, overwrite: true);
            return 0;
        }

        input.Position = 0;
        using var tar = new TarReader(input);
        var (found, back) = (false, 0);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || entry.DataStream is not { } content) continue;
            if (entry.Name == SqliteStore.FileName)
            {
                Put(content, database);
                found = true;
            }
            else if (IsNameOfFile(entry.Name))
            {
                var target = Path.Combine(files, entry.Name[FilesPrefix.Length..]);
                SyncedFiles.CreateFolder(Path.GetDirectoryName(target)!);
                Put(content, target);
                back++;
            }
        }

        return found ? back : throw new InvalidDataException($"there is no {SqliteStore.FileName} in it.");
    }

    /// <summary>As <see cref="Attachments.FolderFiles"/> names them. What is named otherwise, such as a path that leads out, is none of ours.</summary>
    private static bool IsNameOfFile(string name) => name.StartsWith(FilesPrefix, StringComparison.Ordinal) && name[FilesPrefix.Length..].Split('/') is [{ Length: 2 } folder, var file]
        && file.StartsWith(folder, StringComparison.Ordinal) && !file.EndsWith(".new", StringComparison.Ordinal) && file.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && !folder.Contains('.', StringComparison.Ordinal);

    private static void Put(Stream content, string path)
    {
        var fresh = path + ".new";
        using (var output = new FileStream(fresh, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            content.CopyTo(output);
            output.Flush(flushToDisk: true);
        }

        SyncedFiles.Rename(fresh, path);
    }
}
