using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data.Files;
using OpenCvSharp;

namespace DataSsl.Runtime.Tests.Data;

/// <summary>What is said to be needed before a picture is decoded covers what decoding takes, of every format and kind.</summary>
[Collection(nameof(MeasuredCollection))]
public sealed class DecodingMemoryTests : IDisposable
{
    private const int Width = 1600, Height = 1000;
    private const long Slack = 2 << 20;
    private static readonly ImageEncodingParam lossless = new(ImwriteFlags.WebPQuality, 101), lossy = new(ImwriteFlags.WebPQuality, 80);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Kinds() =>
    [
        "jpeg", "jpeg progressive", "jpeg cmyk", "jpeg of several scans", "png", "png 16", "png alpha", "png 16 alpha", "png grey",
        "png bilevel", "webp", "webp lossless", "webp alpha", "webp alpha lossless",
        "webp animated", "webp animated lossy", "tiff", "tiff 16", "tiff 16 alpha", "tiff grey", "tiff bilevel", "tiff planar", "tiff lzw",
        "tiff of strips longer than it", "tiff large tile", "tiff small tiles",
        "bmp", "bmp palette", "bmp 32", "gif", "gif animated",
    ];

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void What_is_needed_is_known_before(string kind)
    {
        var file = File(kind);
        var header = ImageHeader.Read(new(file, file.Length), ImageFile.DefaultMaxPixels);
        var need = OpenCv.Need(header, 0, PixelFormat.Rgb) - header.End;
        // The first one starts OpenCV.
        _ = Pictures.Decoded(Pictures.Encoded(Pictures.Waves(20, 10)));
        var peak = PeakMemory.Of(() => OpenCv.Decode(file.AsSpan(0, (int)header.End), header, 0, PixelFormat.Rgb).Dispose());
        Skip.If(peak is null, "the system does not count anew");
        Assert.InRange(peak.Value, 0, need + Slack);
        // Nor so much that honest pictures are left out.
        Assert.InRange(need, 0, Math.Max(18 * header.Pixels, 11 * 4096 * 4096) + Slack);
    }

    /// <summary>Of two at once each waits for the other, and the larger than all is refused.</summary>
    [Fact]
    public void Decoders_share_their_memory()
    {
        for (var i = 0; i < 8; i++) folder.Write($"{i}.png", Pictures.Encoded(Pictures.Waves(400, 300, i)));
        var large = folder.Write("large.png", Pictures.Encoded(Pictures.Waves(1000, 1000)));
        var warnings = new List<string>();
        var store = ImageStore.Load(
            ImageFolder.Open(folder.Path), new() { DecodingMemory = 3 << 20, Workers = 4, MemoryBudget = 0 }, warnings.Add);
        Assert.Equal(8, store.Count);
        Assert.Matches(
            $@"\Askipped: cannot read the image '{large}': needs \d+ MiB to decode, more than the 3 MiB that there are for it\z",
            Assert.Single(warnings));
        Assert.Equal(8, store.Get([0, 1, 2, 3, 4, 5, 6, 7]).Count);
        // What was taken was given back.
        Assert.Equal(8, store.Get([7, 6, 5, 4, 3, 2, 1, 0]).Count);
    }

    private static byte[] File(string kind)
    {
        var rgb = new byte[3 * Width * Height];
        for (var i = 0; i < rgb.Length; i++) rgb[i] = (byte)(i / 300 + i % 3 * 40);
        var image = new Image(Width, Height, rgb);
        byte[] deep = [.. rgb, .. rgb, .. rgb];
        return kind switch
        {
            "jpeg" => Pictures.Encoded(image, ".jpg"),
            "jpeg progressive" => Pictures.Encoded(image, ".jpg", new ImageEncodingParam(ImwriteFlags.JpegProgressive, 1)),
            "jpeg cmyk" => FlatJpeg.Of(Width / 8, Height / 8, 4, (x, _, _) => (byte)x, adobe: 0),
            "jpeg of several scans" => FlatJpeg.Of(Width / 8, Height / 8, 3, (x, _, _) => (byte)x, scans: 3),
            "png" => Pictures.Encoded(image, ".png"),
            "png 16" => Png.Of(Width, Height, 16, 2, y => deep[(6 * Width * y)..(6 * Width * (y + 1))]),
            "png alpha" => Png.Of(Width, Height, 8, 6, y => deep[(4 * Width * y)..(4 * Width * (y + 1))]),
            "png 16 alpha" => Png.Of(Width, Height, 16, 6, y => deep[(6 * Width * y)..(6 * Width * y + 8 * Width)]),
            "png grey" => Png.Of(Width, Height, 8, 0, y => rgb[(Width * y)..(Width * (y + 1))]),
            "png bilevel" => Png.Of(Width, Height, 1, 0, y => rgb[(Width * y)..(Width * y + Width / 8)]),
            "webp" => Pictures.Encoded(image, ".webp", lossy),
            "webp lossless" => Pictures.Encoded(image, ".webp", lossless),
            "webp alpha" => Transparent(lossy),
            "webp alpha lossless" => Transparent(lossless),
            "webp animated" => WebP.Animated(
                Width, Height, Pictures.Encoded(image, ".webp", lossless), Pictures.Encoded(image, ".webp", lossless)),
            "webp animated lossy" => WebP.Animated(Width, Height, Pictures.Encoded(image, ".webp", lossy)),
            "tiff" => Tiff.Of(true, new Tiff.Page(Width, Height, rgb)),
            "tiff 16" => Tiff.Of(true, new Tiff.Page(Width, Height, deep[..(6 * Width * Height)], (258, [16, 16, 16]))),
            "tiff 16 alpha" => Tiff.Of(
                true, new Tiff.Page(Width, Height, deep[..(8 * Width * Height)], (258, [16, 16, 16, 16]), (277, [4]), (338, [2]))),
            "tiff grey" => Tiff.Of(true, new Tiff.Page(Width, Height, rgb[..(Width * Height)], (258, [8]), (262, [1]), (277, [1]))),
            "tiff bilevel" => Tiff.Of(true, new Tiff.Page(Width, Height, rgb[..(Width * Height / 8)], (258, [1]), (262, [1]), (277, [1]))),
            "tiff planar" => Tiff.Of(true, new Tiff.Page(Width, Height, rgb, (284, [2]))),
            "tiff lzw" => Pictures.Encoded(image, ".tif", new ImageEncodingParam(ImwriteFlags.TiffCompression, 5)),
            "tiff of strips longer than it" => Tiff.Of(true, new Tiff.Page(Width, Height, rgb, (278, [15_000_000]))),
            "tiff large tile" => Tiff.Of(true, new Tiff.Page(64, 48, new byte[3 * 4096 * 4096], (322, [4096]), (323, [4096]))),
            "tiff small tiles" => Tiff.Of(true, new Tiff.Page(64, 48, new byte[3 * 64 * 48], (322, [64]), (323, [48]))),
            "bmp" => Pictures.Encoded(image, ".bmp"),
            "bmp palette" => Bmp.Of(Width, Height, 8, y => rgb[(Width * y)..(Width * (y + 1))], new byte[1024]),
            "bmp 32" => Bmp.Of(Width, Height, 32, y => deep[(4 * Width * y)..(4 * Width * (y + 1))]),
            "gif" => Gif.Of(Width, Height, new byte[384], [.. rgb.Take(Width * Height).Select(value => (byte)(value / 2))]),
            _ => Gif.Of(
                Width, Height, new byte[384], [.. rgb.Take(Width * Height).Select(value => (byte)(value / 2))], new byte[Width * Height]),
        };
    }

    private static byte[] Transparent(ImageEncodingParam quality)
    {
        using var mat = new Mat(Height, Width, MatType.CV_8UC4);
        Cv2.Randu(mat, new Scalar(0, 0, 0, 0), new Scalar(200, 200, 200, 200));
        Cv2.Blur(mat, mat, new Size(9, 9));
        Cv2.ImEncode(".webp", mat, out var bytes, quality);
        return bytes;
    }
}

/// <summary>Tests that measure the memory of the process.</summary>
[CollectionDefinition(nameof(MeasuredCollection), DisableParallelization = true)]
public sealed class MeasuredCollection;
