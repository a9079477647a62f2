using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tieline.Server;

/// <summary>Files and folders that are on the disk, content and name, when the call returns. SQLite takes care of its own; this is for what lies beside it.</summary>
internal static partial class SyncedFiles
{
    /// <summary>Who finds a folder made must not go on before its name is on the disk.</summary>
    private static readonly Lock _making = new();

    /// <summary>Makes a folder, and those above it, where they are missing.</summary>
    public static void CreateFolder(string path)
    {
        lock (_making)
        {
            var missing = new Stack<string>();
            for (var at = Path.GetFullPath(path); at is not null && !Directory.Exists(at); at = Path.GetDirectoryName(at)) missing.Push(at);
            Directory.CreateDirectory(path);
            foreach (var made in missing) SyncFolder(Path.GetDirectoryName(made)!);
        }
    }

    /// <summary>Writes a file that nobody else on the machine may read. Whoever finds the name finds all of the content, whenever the power goes.</summary>
    public static void WriteSecret(string path, ReadOnlySpan<byte> content)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(fresh, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        Rename(fresh, path);
    }

    /// <summary>Gives a file, whose content is synced, another name in its folder, where it takes the place of what had that name.</summary>
    public static void Rename(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(to))!);
    }

    /// <summary>The names in a folder are durable only when the folder is.</summary>
    public static void SyncFolder(string path) => Sync(path);

    /// <summary>Everything that anybody wrote to a file, or every name in a folder, is on the disk. Where it is not there, or may not be opened, nothing is done.</summary>
    public static void Sync(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        // .NET opens no folders; 0 is O_RDONLY everywhere.
        var descriptor = Open(path, 0);
        if (descriptor < 0) return;
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        _ = Sync(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(int descriptor);
}
