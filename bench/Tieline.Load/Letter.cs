using System.Buffers.Text;

namespace Tieline.Load;

/// <summary>
/// What stands in a message's text: from whom, to whom, the how-manieth. So the recipient's side and the store
/// can both be checked for loss, doubling and order without knowing anything of a contender's numbering.
/// </summary>
internal readonly record struct Letter(int From, int To, int Number)
{
    public const int Length = 100;
    private const int NumberAt = 18;

    public void Write(Span<byte> text)
    {
        "from00000 to00000 00000000 and then some words to make it a hundred letters long, as people do write...."u8[..Length].CopyTo(text);
        WriteDigits(text[4..9], From);
        WriteDigits(text[12..17], To);
        WriteDigits(text[NumberAt..(NumberAt + 8)], Number);
    }

    public static bool TryRead(ReadOnlySpan<byte> text, out Letter letter)
    {
        letter = default;
        if (text.Length != Length
            || !Utf8Parser.TryParse(text[4..9], out int from, out _)
            || !Utf8Parser.TryParse(text[12..17], out int to, out _)
            || !Utf8Parser.TryParse(text[NumberAt..(NumberAt + 8)], out int number, out _))
            return false;
        letter = new Letter(from, to, number);
        return true;
    }

    private static void WriteDigits(Span<byte> digits, int value)
    {
        for (var i = digits.Length - 1; i >= 0; i--, value /= 10) digits[i] = (byte)('0' + value % 10);
    }
}
