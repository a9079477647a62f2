using System.Globalization;

namespace Tieline.EndToEnd.Tests.PowerLoss;

/// <summary>One call of the kernel that succeeded or was cut off, as strace wrote it down (-xx: every string in hexadecimal, so no argument holds a comma of its own).</summary>
/// <param name="Begun">Nanoseconds since 1970.</param>
/// <param name="Returned">When strace saw its end, which is before the caller goes on; the far future for a call that never ended, as is then its result.</param>
internal sealed record SystemCall(string Name, string[] Arguments, long Begun, long Returned, long Result, string ResultText)
{
    /// <summary>The path in an argument: a string, or what -y says behind a descriptor.</summary>
    public string Path(int argument) => PathIn(Arguments[argument]);

    /// <summary>The path behind the descriptor that the call gave.</summary>
    public string ResultPath => PathIn(ResultText);

    public bool Has(int argument, string flag) => Arguments.Length > argument && Arguments[argument].Split('|').Contains(flag);

    public long Number(int argument) => long.Parse(Arguments[argument], CultureInfo.InvariantCulture);

    /// <summary>All bytes in an argument; a vector's parts one behind the other.</summary>
    public byte[] Bytes(int argument)
    {
        var text = Arguments[argument];
        if (text.Contains("\"...", StringComparison.Ordinal)) throw new InvalidOperationException($"strace cut the data of a {Name} off.");
        var bytes = new List<byte>(text.Length / 4);
        for (var at = text.IndexOf('"', StringComparison.Ordinal); at >= 0;)
        {
            var end = text.IndexOf('"', at + 1);
            Decode(text.AsSpan(at + 1, end - at - 1), bytes);
            at = text.IndexOf('"', end + 1);
        }

        return [.. bytes];
    }

    /// <summary>What a write has written: perhaps less than it was given.</summary>
    public byte[] Written => Bytes(1) is var bytes && Result < bytes.Length ? bytes[..(int)Result] : bytes;

    private static string PathIn(string text)
    {
        var bytes = new List<byte>();
        var first = text.AsSpan().IndexOfAny('"', '<');
        if (first < 0) return "";
        var last = text.AsSpan().LastIndexOfAny('"', '>');
        Decode(text.AsSpan(first + 1, last - first - 1), bytes);
        return System.Text.Encoding.UTF8.GetString([.. bytes]) + (text.EndsWith("(deleted)", StringComparison.Ordinal) ? " (deleted)" : "");
    }

    private static void Decode(ReadOnlySpan<char> text, List<byte> into)
    {
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == '\\' && text[i + 1] == 'x')
            {
                into.Add(byte.Parse(text.Slice(i + 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += 4;
            }
            else into.Add((byte)text[i++]);
        }
    }
}
