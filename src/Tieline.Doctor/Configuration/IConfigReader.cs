namespace Tieline.Doctor.Configuration;

/// <summary>What a reader needs to know about the request.</summary>
/// <param name="Host">Public name, without port.</param>
/// <param name="Port">Port that the proxy is reached at.</param>
/// <param name="Path">Path of the socket.</param>
/// <param name="Token">True where a token travels in the query.</param>
/// <param name="Backend">Host and port of the server as the operator gave it; null when not given.</param>
internal sealed record ReadingQuestion(string Host, int Port, string Path, bool Token, string? Backend)
{
    /// <summary>Listeners of this machine; null when unknown.</summary>
    public IReadOnlyList<string>? Listening { get; init; }

    /// <summary>The folder of the path without its last slash: what a socket's rule is usually written for.</summary>
    public string Folder => Path[..Math.Max(1, Path.LastIndexOf('/'))];
}

/// <summary>Reads one proxy's configuration language.</summary>
internal interface IConfigReader
{
    string Proxy { get; }

    /// <summary>Whether the text is in this proxy's language. Pure; never throws.</summary>
    bool Recognizes(ConfigText file);

    /// <summary>
    /// What the file says about the way of the request. Reads included files from the disk and nothing else; broken text
    /// gives fewer clues, never an exception.
    /// </summary>
    Reading Read(ConfigText file, ReadingQuestion question);
}
