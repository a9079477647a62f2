using System.Text;
using Tieline.Core.Attachments;

namespace Tieline.Core.Tests.Attachments;

public sealed class MediaTypeRules
{
    public static TheoryData<string, string> Beginnings => new()
    {
        { "\u0089PNG\r\n\u001a\n....", "image/png" },
        { "\u00ff\u00d8\u00ff\u00e0....", "image/jpeg" },
        { "GIF89a....", "image/gif" },
        { "RIFF....WEBPVP8 ", "image/webp" },
        { "RIFF....WAVEfmt ", "audio/wav" },
        { "....ftypheic....", "image/heic" },
        { "....ftypM4A ....", "audio/mp4" },
        { "....ftypisom....moov....hdlr........soun....", "audio/mp4" },
        { "....ftypisom....moov....hdlr........soun....hdlr........vide", "video/mp4" },
        { "\u001aE\u00df\u00a3....webm....A_OPUS", "audio/webm" },
        { "\u001aE\u00df\u00a3....webm....A_OPUS....V_VP9", "video/webm" },
        { "OggS........OpusHead", "audio/ogg" },
        { "ID3\u0004....", "audio/mpeg" },
        { "\u00ff\u00fb\u0090\u0064", "audio/mpeg" },
        { "%PDF-1.7\n", "application/pdf" },
        { "PK\u0003\u0004....readme.txt", "application/zip" },
        { "PK\u0003\u0004....[Content_Types].xml....word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
        { "Dear Bob,\nhello", "text/plain; charset=utf-8" },
        { "\u00ef\u00bb\u00bfhello", "text/plain; charset=utf-8" },
        { "MZ\u0090\u0000\u0003", "application/octet-stream" },
        { "\u00fe\u00fe\u00fe", "application/octet-stream" },
        // What a browser would run is told by no type that it would run.
        { "<html><script>alert(1)</script>", "application/octet-stream" },
        { "\u00ef\u00bb\u00bf \n<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"x()\">", "application/octet-stream" },
        { "<?xml version=\"1.0\"?>", "application/octet-stream" },
        { "#!/bin/sh\nrm -rf ~", "application/octet-stream" },
    };

    [Theory]
    [MemberData(nameof(Beginnings))]
    public void A_file_is_what_its_bytes_say(string latin1, string type)
    {
        var bytes = Encoding.Latin1.GetBytes(latin1);

        MediaType.Of(bytes, bytes).ShouldBe(type);
    }

    [Theory]
    [InlineData("image/svg+xml")]
    [InlineData("text/html")]
    [InlineData("text/plain; charset=utf-8")]
    [InlineData("application/pdf")]
    [InlineData("application/octet-stream")]
    public void What_could_run_is_only_downloaded(string type) => MediaType.IsShownInPlace(type).ShouldBeFalse();

    [Theory]
    [InlineData(null, "file")]
    [InlineData("", "file")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\Users\\ada\\photo.jpg", "photo.jpg")]
    [InlineData("in\u202Egpj.exe", "ingpj.exe")]
    [InlineData("a\r\nSet-Cookie: x", "aSet-Cookie: x")]
    [InlineData("...", "file")]
    [InlineData("Grüße 🍽.pdf", "Grüße 🍽.pdf")]
    public void A_name_is_only_a_name(string? given, string kept) => AttachmentRules.CleanName(given).ShouldBe(kept);

    [Theory]
    [InlineData(8_000, 6_000, 5_000_000, true)]
    [InlineData(8_000, 8_000, 5_000_000, false)]
    [InlineData(6_000, 6_000, 2_000, false)]
    [InlineData(1_000, 1_000, 100, true)]
    [InlineData(int.MaxValue, int.MaxValue, 1_000, false)]
    public void More_pixels_than_anybody_looks_at_or_than_the_bytes_can_hold_are_refused(int width, int height, long bytes, bool taken) =>
        (AttachmentRules.CheckPixels(width, height, bytes, 50_000_000) is null).ShouldBe(taken);
}
