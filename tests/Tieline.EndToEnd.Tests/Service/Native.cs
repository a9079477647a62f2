using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.Service;

/// <summary>The one native file that <c>make publish</c> leaves.</summary>
internal static class Native
{
    public static string Program { get; } = Path.Combine(Folder, "tieline") is var path && File.Exists(path)
        ? path
        : throw new InvalidOperationException("out/native/tieline is not here: run `make publish` first (`make test` does).");

    public static string Folder => Repository.File("out", "native");
}
