using Microsoft.Extensions.Logging;
using SkiaSharp;
using Tieline.Core.Attachments;

namespace Tieline.Server.Attachments;

/// <summary>A small picture of an image, and a tiny one that stands in the message itself.</summary>
internal sealed record Thumbnail(byte[] Thumb, string Blur);

/// <summary>Makes thumbnails with Skia. Its library lies beside the executable; a server without it keeps images without thumbnails.</summary>
internal sealed class Thumbnails(ILogger log)
{
    public const string Type = "image/webp";
    private const int Longest = 320;
    private const int BlurLongest = 16;
    private const int Quality = 75;
    private const int BlurQuality = 40;

    /// <summary>Of a PNG or GIF, which can only be decoded whole: 100 MB of memory. A larger one gets no thumbnail.</summary>
    private const long MaxWholePixels = 25_000_000;

    private static readonly SKSamplingOptions _smooth = new(SKFilterMode.Linear, SKMipmapMode.Linear);

    private bool _missing;

    public static string NameOf(string id) => id + ".thumb";

    /// <returns>Null when there can be none: the library is missing, or it cannot decode what is there.</returns>
    public Thumbnail? Make(CleanImage image)
    {
        if (_missing) return null;
        try
        {
            return Skia.Make(image);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or EntryPointNotFoundException)
        {
            _missing = true;
            ServerLog.ThumbnailsMissing(log, e);
            return null;
        }
    }

    /// <summary>Everything that touches the library, so that it is loaded with the first image and not before.</summary>
    private static class Skia
    {
        public static Thumbnail? Make(CleanImage image)
        {
            using var data = SKData.CreateCopy(image.Bytes.Span);
            using var codec = SKCodec.Create(data);
            if (codec is null) return null;
            using var decoded = Decode(codec);
            if (decoded is null) return null;
            using var thumb = Turn(Shrink(decoded, Longest), image.Orientation);
            using var encoded = thumb.Encode(SKEncodedImageFormat.Webp, Quality);
            using var tiny = Shrink(thumb, BlurLongest);
            using var blur = tiny.Encode(SKEncodedImageFormat.Webp, BlurQuality);
            return new Thumbnail(encoded.ToArray(), $"data:{Type};base64,{Convert.ToBase64String(blur.AsSpan())}");
        }

        private static SKBitmap? Decode(SKCodec codec)
        {
            var wanted = Math.Min(1f, (float)Longest / Math.Max(codec.Info.Width, codec.Info.Height));
            // JPEG and WebP are decoded small, without ever being large in memory.
            var size = codec.GetScaledDimensions(wanted);
            if ((long)size.Width * size.Height > MaxWholePixels) return null;
            var bitmap = new SKBitmap(new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Premul));
            if (codec.GetPixels(bitmap.Info, bitmap.GetPixels()) is SKCodecResult.Success or SKCodecResult.IncompleteInput or SKCodecResult.ErrorInInput) return bitmap;
            bitmap.Dispose();
            return null;
        }

        private static SKBitmap Shrink(SKBitmap bitmap, int longest)
        {
            var scale = Math.Min(1, (double)longest / Math.Max(bitmap.Width, bitmap.Height));
            return bitmap.Resize(new SKImageInfo(Math.Max(1, (int)Math.Round(bitmap.Width * scale)), Math.Max(1, (int)Math.Round(bitmap.Height * scale)), SKColorType.Rgba8888, SKAlphaType.Premul), _smooth);
        }

        /// <summary>The eight orientations of EXIF as matrices. Takes the bitmap over.</summary>
        private static SKBitmap Turn(SKBitmap bitmap, int orientation)
        {
            var (w, h) = (bitmap.Width, bitmap.Height);
            SKMatrix? matrix = orientation switch
            {
                2 => new SKMatrix(-1, 0, w, 0, 1, 0, 0, 0, 1),
                3 => new SKMatrix(-1, 0, w, 0, -1, h, 0, 0, 1),
                4 => new SKMatrix(1, 0, 0, 0, -1, h, 0, 0, 1),
                5 => new SKMatrix(0, 1, 0, 1, 0, 0, 0, 0, 1),
                6 => new SKMatrix(0, -1, h, 1, 0, 0, 0, 0, 1),
                7 => new SKMatrix(0, -1, h, -1, 0, w, 0, 0, 1),
                8 => new SKMatrix(0, 1, 0, -1, 0, w, 0, 0, 1),
                _ => null,
            };
            if (matrix is not { } turning) return bitmap;
            using (bitmap)
            {
                var turned = orientation >= 5 ? new SKBitmap(bitmap.Info.WithSize(h, w)) : new SKBitmap(bitmap.Info);
                using var canvas = new SKCanvas(turned);
                canvas.SetMatrix(turning);
                canvas.DrawBitmap(bitmap, 0, 0, _smooth);
                return turned;
            }
        }
    }
}
