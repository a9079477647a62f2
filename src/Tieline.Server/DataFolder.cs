using Tieline.Protocol.Findings;
using Tieline.Server.Configuration;

namespace Tieline.Server;

/// <summary>Keeps a second server out of a data folder: two writers would each count from their own head.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockName = "tieline.lock";
    private readonly FileStream _lock;

    private DataFolder(FileStream held) => _lock = held;

    /// <exception cref="ConfigurationException">The folder cannot be made or written, or another server has it.</exception>
    public static DataFolder Claim(string path)
    {
        try
        {
            SyncedFiles.CreateFolder(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([$"data: the folder {path} cannot be made: {e.Message} {FindingCatalogue.OfCause("storage.not_writable")!.Sentence}"]);
        }

        try
        {
            return new DataFolder(new FileStream(Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ConfigurationException([$"data: the folder {path} cannot be written: {e.Message} {FindingCatalogue.OfCause("storage.not_writable")!.Sentence}"]);
        }
        catch (IOException)
        {
            throw new ConfigurationException([$"data: another Tieline is running on the folder {path}. Stop it, or give this one another folder with --data."]);
        }
    }

    public void Dispose() => _lock.Dispose();
}
