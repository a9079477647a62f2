using System.Globalization;

namespace Tieline.Protocol;

/// <summary>
/// A message's id is its conversation's id and its seq. It is opaque to clients; the server reads it back without an index of its own.
/// </summary>
public static class MessageIds
{
    public static string Make(string conversation, long seq) => string.Create(CultureInfo.InvariantCulture, $"{conversation}.{seq}");

    public static bool TryParse(string? id, out string conversation, out long seq)
    {
        conversation = "";
        seq = 0;
        var dot = id?.LastIndexOf('.') ?? -1;
        if (dot <= 0 || !long.TryParse(id.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out seq) || seq <= 0) return false;
        conversation = id![..dot];
        return true;
    }
}
