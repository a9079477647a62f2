using System.Text;
using System.Text.Json;
using SkiaSharp;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Attachments;

public sealed class ImageTests(SharedServer shared) : IClassFixture<SharedServer>
{
    public static TheoryData<string, byte[]> Tattling => new()
    {
        { "image/jpeg", Pictures.Jpeg() },
        { "image/png", Pictures.Png() },
        { "image/webp", Pictures.Webp() },
    };

    [Theory]
    [MemberData(nameof(Tattling), DisableDiscoveryEnumeration = true)]
    public async Task An_image_loses_its_place_and_everything_else_it_tells_but_not_a_pixel_and_stands_upright(string type, byte[] image)
    {
        Encoding.Latin1.GetString(image).ShouldContain(Pictures.Secret);
        var (shown, bytes) = await SendAndFetchAsync(image, "holiday.txt");

        Encoding.Latin1.GetString(bytes).ShouldNotContain("SECRET");
        (Text(shown, "kind"), Text(shown, "type")).ShouldBe(("image", type));
        // Turned by a quarter: what is stored 640 wide is shown 480 wide.
        (shown.GetProperty("width").GetInt32(), shown.GetProperty("height").GetInt32()).ShouldBe((480, 640));
        shown.GetProperty("size").GetInt64().ShouldBe(bytes.Length);
        using var codec = SKCodec.Create(new MemoryStream(bytes));
        codec.Info.Width.ShouldBe(640);
        if (type == "image/jpeg") codec.EncodedOrigin.ShouldBe(SKEncodedOrigin.RightTop);
        using var before = SKBitmap.Decode(image);
        using var after = SKBitmap.Decode(bytes);
        after.Bytes.ShouldBe(before.Bytes);
    }

    [Theory]
    [MemberData(nameof(Tattling), DisableDiscoveryEnumeration = true)]
    public async Task A_thumbnail_and_a_placeholder_are_small_and_upright(string type, byte[] image)
    {
        var (shown, _) = await SendAndFetchAsync(image, type);

        var thumb = await shared.Server.Http.GetAsync(Text(shown, "thumb_url"));
        thumb.Content.Headers.ContentType!.MediaType.ShouldBe("image/webp");
        var bytes = await thumb.Content.ReadAsByteArrayAsync();
        using var small = SKBitmap.Decode(bytes);
        (small.Width, small.Height).ShouldBe((240, 320));
        // Left becomes top when turned to the right.
        Pictures.PixelAt(bytes, 0.5, 0.1).Red.ShouldBeGreaterThan((byte)200);
        Pictures.PixelAt(bytes, 0.5, 0.9).Blue.ShouldBeGreaterThan((byte)200);
        Text(shown, "blur").ShouldStartWith("data:image/webp;base64,");
        Text(shown, "blur").Length.ShouldBeLessThan(400);
    }

    [Fact]
    public async Task A_gif_loses_its_comments_and_what_is_behind_its_end()
    {
        var (shown, bytes) = await SendAndFetchAsync(Pictures.Gif(), "x.gif");

        Text(shown, "type").ShouldBe("image/gif");
        Encoding.Latin1.GetString(bytes).ShouldNotContain("SECRET");
        Encoding.Latin1.GetString(bytes).ShouldNotContain("<html");
        using var bitmap = SKBitmap.Decode(bytes);
        bitmap.Width.ShouldBe(1);
    }

    [Fact]
    public async Task A_large_png_has_a_thumbnail()
    {
        var (shown, _) = await SendAndFetchAsync(Pictures.Encode(SKEncodedImageFormat.Png, 6_000, 4_000), "large.png");

        var bytes = await shared.Server.Http.GetByteArrayAsync(Text(shown, "thumb_url"));
        Pictures.PixelAt(bytes, 0.1, 0.9).Red.ShouldBeGreaterThan((byte)200);
        Pictures.PixelAt(bytes, 0.9, 0.1).Blue.ShouldBeGreaterThan((byte)200);
    }

    public static TheoryData<string, byte[], int> Hostile => new()
    {
        { "a PNG of 900 million pixels", Pictures.PngBomb(30_000, 30_000), 413 },
        { "a PNG of 36 million pixels in 100 bytes", Pictures.PngBomb(6_000, 6_000), 413 },
        { "a PNG of negative size", Pictures.PngBomb(-1, 5), 400 },
        { "a JPEG of 65535 x 65535", Pictures.JpegBomb(), 413 },
        { "a GIF of 65535 x 65535", Pictures.Gif(65_535, 65_535), 413 },
        { "a PNG cut off in its header", Pictures.Png()[..20], 400 },
        { "a JPEG without a scan", Pictures.Jpeg()[..80], 400 },
        { "a PNG chunk longer than the file", [.. Pictures.Png()[..33], 0xFF, 0xFF, 0xFF, 0xF0, .. "eXIf"u8, 1, 2, 3, 4, 5, 6], 400 },
        { "a WebP that is only its header", [.. "RIFF"u8, 8, 0, 0, 0, .. "WEBPVP8 "u8], 400 },
        { "a GIF that never ends", Pictures.Gif()[..^32], 400 },
    };

    [Theory]
    [MemberData(nameof(Hostile), DisableDiscoveryEnumeration = true)]
    public async Task A_hostile_image_is_refused_and_nothing_of_it_stays(string what, byte[] image, int status)
    {
        var ada = await shared.AddAsync("ada");
        var (id, last) = await Tus.TryUploadAsync(ada, image, "nice.png");

        last.Status.ShouldBe(status, $"{what}: {last.Text}");
        (await Tus.HeadAsync(ada, id)).Status.ShouldBe(404);
        Directory.GetFiles(shared.Server.Folder, id + "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    public static TheoryData<string, string, string> Disguised => new()
    {
        { "holiday.jpg", "<html><script>alert(1)</script></html>", "application/octet-stream" },
        { "logo.png", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "application/octet-stream" },
        { "letter.pdf", "MZ\u0001\u0002 an executable", "application/octet-stream" },
        { "virus.exe", "only a text", "text/plain" },
        { "both.gif", "%PDF-1.4 and GIF89a", "application/pdf" },
    };

    [Theory]
    [MemberData(nameof(Disguised))]
    public async Task A_file_with_the_wrong_name_is_downloaded_as_what_it_is(string name, string content, string type)
    {
        var (shown, bytes) = await SendAndFetchAsync(Encoding.Latin1.GetBytes(content), name, answer =>
        {
            answer.Content.Headers.ContentType!.MediaType.ShouldBe(type);
            answer.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
            answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
            answer.Headers.GetValues("Content-Security-Policy").ShouldBe(["sandbox"]);
        });

        (Text(shown, "kind"), Text(shown, "name")).ShouldBe(("file", name));
        Encoding.Latin1.GetString(bytes).ShouldBe(content);
    }

    private async Task<(JsonElement Shown, byte[] Bytes)> SendAndFetchAsync(byte[] file, string name, Action<HttpResponseMessage>? check = null)
    {
        var (ada, bob) = await shared.AddPairAsync();
        var id = await Tus.UploadAsync(ada, file, name);
        var shown = await Sent.ShownAsync(ada, bob, id);
        using var answer = await shared.Server.Http.GetAsync(Text(shown, "url"));
        answer.EnsureSuccessStatusCode();
        check?.Invoke(answer);
        return (shown, await answer.Content.ReadAsByteArrayAsync());
    }

    private static string Text(JsonElement json, string field) => json.GetProperty(field).GetString()!;
}
