using Tieline.Server.Configuration;

namespace Tieline.Server.Attachments;

/// <summary>Which of the stores the settings mean.</summary>
internal static class FileStores
{
    public const string Folder = "files";

    /// <exception cref="ConfigurationException">The secret cannot be read, or the address is none.</exception>
    public static IFileStore Open(TielineOptions options, TimeProvider time)
    {
        if (options.Files == "folder") return new FolderFiles(Path.Combine(options.Data, Folder));
        var address = S3Address.TryParse(options.Files, out var problem) ?? throw new ConfigurationException([$"files {problem}."]);
        var (key, secret) = (options.FilesKey, options.FilesSecret ?? ReadSecret(options.FilesSecretFile));
        return key is { Length: > 0 } && secret is { Length: > 0 } ? new S3Files(address, key, secret, time)
            : throw new ConfigurationException(["files is a bucket, but its key is not given: set files_key and files_secret_file."]);
    }

    private static string? ReadSecret(string? file)
    {
        if (file is null) return null;
        try
        {
            return File.ReadAllText(file).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([$"files_secret_file: {file} cannot be read: {e.Message}"]);
        }
    }
}
