namespace Tieline.Server.Attachments;

/// <summary>Files in the data folder, spread over subfolders by the beginning of their names.</summary>
internal sealed class FolderFiles(string folder) : IFileStore
{
    public async Task PutAsync(string name, string path, CancellationToken cancel)
    {
        var target = PathOf(name);
        SyncedFiles.CreateFolder(Path.GetDirectoryName(target)!);
        var fresh = target + ".new";
        await using (var input = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous))
        await using (var output = new FileStream(fresh, FileMode.Create, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous))
        {
            await input.CopyToAsync(output, cancel);
            output.Flush(flushToDisk: true);
        }

        SyncedFiles.Rename(fresh, target);
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
}
