using CsCheck;
using Tieline.Doctor.Configuration;
using Tieline.Doctor.Mending;

namespace Tieline.Doctor.Tests.Mending;

public sealed class PatchTests
{
    [Fact]
    public void Only_the_edited_spans_change() =>
        Gen.Select(Gen.String[0, 80], Gen.Int[0, 80], Gen.Int[0, 10], Gen.String[0, 10]).Sample((text, start, length, put) =>
        {
            var after = Patch.Apply(text, [new Edit("f", start, length, put)]);
            if (start + length > text.Length) after.ShouldBe(text);
            else after.ShouldBe(text[..start] + put + text[(start + length)..]);
        });

    [Fact]
    public void No_edit_gives_the_text_back_byte_for_byte() =>
        Gen.String.Sample(text => Patch.Apply(text, []).ShouldBe(text));

    [Fact]
    public void A_diff_shows_lines_taken_and_lines_put() =>
        TextDiff.Of("f", "a\nb\nc\n", "a\nx\nc\n").ShouldBe("--- f\n+++ f\n@@ -1,4 +1,4 @@\n a\n-b\n+x\n c\n \n");
}
