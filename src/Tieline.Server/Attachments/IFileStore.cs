namespace Tieline.Server.Attachments;

/// <summary>Where finished files lie. Names are random ids made by the server; a file is never changed once it is there.</summary>
internal interface IFileStore : IDisposable
{
    /// <summary>Stores a copy of a local file, durable when this returns. The same name again replaces it by the same content.</summary>
    Task PutAsync(string name, string path, CancellationToken cancel);

    /// <summary>Opens <paramref name="length"/> bytes from <paramref name="from"/> on; null when there is no such file.</summary>
    Task<Stream?> OpenAsync(string name, long from, long length, CancellationToken cancel);

    /// <summary>Removes a file. One that is not there is no error.</summary>
    Task DeleteAsync(string name, CancellationToken cancel);
}
