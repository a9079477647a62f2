using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tieline.Server.Attachments;

/// <summary>Files in the data folder, spread over subfolders by the beginning of their names.</summary>
internal sealed partial class FolderFiles(string folder) : IFileStore
{
    public async Task PutAsync(string name, string path, CancellationToken cancel)
    {
        var target = PathOf(name);
        var parent = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(parent))
        {
            Directory.CreateDirectory(parent);
            SyncFolder(folder);
        }

        var fresh = target + ".new";
        await using (var input = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous))
        await using (var output = new FileStream(fresh, FileMode.Create, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous))
        {
            await input.CopyToAsync(output, cancel);
            output.Flush(flushToDisk: true);
        }

        // The name is durable only when the folder that holds it is.
        File.Move(fresh, target, overwrite: true);
        SyncFolder(parent);
    }

    public Task<Stream?> OpenAsync(string name, long from, long length, CancellationToken cancel)
    {
        try
        {
            var file = new FileStream(PathOf(name), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0, FileOptions.Asynchronous);
            file.Position = from;
            return Task.FromResult<Stream?>(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public Task DeleteAsync(string name, CancellationToken cancel)
    {
        try
        {
            File.Delete(PathOf(name));
        }
        catch (DirectoryNotFoundException)
        {
            // Then the file is not there either.
        }

        return Task.CompletedTask;
    }

    public void Dispose()
    {
    }

    private string PathOf(string name) => Path.Combine(folder, name[..2], name);

    private static void SyncFolder(string path)
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
