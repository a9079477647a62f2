using System.Globalization;

namespace Tieline.Protocol;

/// <summary>A position in one account's event log: <c>&lt;epoch&gt;.&lt;pos&gt;</c>. It points into the database, so it outlives connections, nodes and transports.</summary>
/// <param name="Epoch">Random id of the database; another epoch means that positions cannot be compared.</param>
/// <param name="Pos">Number of the last event the client has, 0 for none.</param>
public readonly record struct Cursor(string Epoch, long Pos)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}.{Pos}");

    public static bool TryParse(string? text, out Cursor cursor)
    {
        cursor = default;
        var dot = text?.LastIndexOf('.') ?? -1;
        if (dot is <= 0 or > 64 || !long.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var pos)) return false;
        cursor = new Cursor(text![..dot], pos);
        return true;
    }
}
