using System.Buffers.Binary;
using System.Diagnostics;
using DataSsl.Cli.Tests;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Tests.Data.Files;
using OpenCvSharp;

namespace DataSsl.Fuzz;

/// <summary>
/// Images that anybody may have made, of every format, by the reader that all verbs have: each ends in a picture or in one line that names
/// it, within the memory that decoding may take and within a minute.
/// </summary>
[Collection(nameof(ConsoleCollection))]
public sealed class ImageTests : IDisposable
{
    private const long MostPixels = 1 << 22, Decoding = 64 << 20, Kept = 8 << 20;

    // What the process takes beside: the mutations themselves, and garbage of the files before.
    private const long Beside = 64 << 20;
    private const int Together = 50;
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Formats() =>
        [
            "jpeg", "progressive jpeg", "cmyk jpeg", "png", "png alpha", "png palette", "webp", "lossless webp", "animated webp", "tiff",
            "big-endian tiff", "lzw tiff", "tiled tiff", "bmp", "palette bmp", "gif", "animated gif",
        ];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_damaged_image_is_a_picture_or_refused_in_one_line(string format)
    {
        var original = File(format);
        var options = new ImageStoreOptions
        {
            Canvas = 24,
            MaxPixels = MostPixels,
            DecodingMemory = Decoding,
            MemoryBudget = Kept,
            Workers = 2,
        };
        folder.Write("whole", original);
        var (decoded, refused) = (0, 0);
        var rounds = Mutation.Rounds(60);
        var peak = PeakMemory.Of(() =>
        {
            foreach (var seeds in Enumerable.Range(0, rounds).Chunk(Together))
            {
                foreach (var seed in seeds) folder.Write($"{seed}", Sound(format, Mutation.Of(original, seed)));
                var names = seeds.Select(seed => $"{seed}").Prepend("whole").ToArray();
                folder.Write("list.txt", System.Text.Encoding.UTF8.GetBytes(string.Join('\n', names)));
                var source = ImageSource.Open(folder["list.txt"]);
                var warnings = new List<string>();
                var clock = Stopwatch.StartNew();
                var load = Task.Run(() => ImageStore.Load(source, options, warnings.Add));
                if (!load.Wait(patience))
                    Environment.FailFast(
                        $"{format}, one of the seeds {seeds[0]} to {seeds[^1]}: not decoded within {patience.TotalSeconds} s");
                var store = load.Result;
                Assert.Equal(names.Length, store.Count + warnings.Count);
                Assert.All(
                    warnings, warning => Assert.Matches($@"\Askipped: cannot read the image '{folder.Path}/\d+': [^\n]+\z", warning));
                // Kept or decoded anew, each is a whole picture.
                Assert.All(
                    store.Get([.. Enumerable.Range(0, store.Count)]).Images,
                    image => Assert.Equal(3 * image.Width * image.Height, image.Rgb.Length));
                (decoded, refused) = (decoded + store.Count - 1, refused + warnings.Count);
                foreach (var seed in seeds) System.IO.File.Delete(folder[$"{seed}"]);
            }
        });
        Assert.Equal(rounds, decoded + refused);
        Assert.True(refused > 0 && decoded > 0, $"{format}: {decoded} decoded, {refused} refused: too much damage, or none seen");
        if (peak is { } bytes) Assert.InRange(bytes, 0, Decoding + Kept + Beside);
    }

    private static byte[] File(string format)
    {
        var image = Pictures.Waves(60, 40);
        var pixels = image.Rgb.ToArray();
        byte[] indices = [.. pixels[..2400].Select(value => (byte)(value / 2))];
        return format switch
        {
            "jpeg" => Pictures.Encoded(image, ".jpg"),
            "progressive jpeg" => Pictures.Encoded(image, ".jpg", new ImageEncodingParam(ImwriteFlags.JpegProgressive, 1)),
            "cmyk jpeg" => FlatJpeg.Of(8, 5, 4, (x, y, channel) => (byte)(9 * x + 7 * y + channel), adobe: 0),
            "png" => Pictures.Encoded(image, ".png"),
            "png alpha" => Png.Of(
                60, 40, 16, 6, y => [.. pixels[(180 * y)..(180 * y + 180)], .. pixels[..300]], before: Png.Chunk("tEXt"u8, [.. "a\0b"u8])),
            "png palette" => Png.Of(
                60, 40, 8, 3, y => indices[(60 * y)..(60 * y + 60)],
                before: [.. Png.Chunk("PLTE"u8, new byte[384]), .. Png.Chunk("tRNS"u8, new byte[9])]),
            "webp" => Pictures.Encoded(image, ".webp", new ImageEncodingParam(ImwriteFlags.WebPQuality, 70)),
            "lossless webp" => Pictures.Encoded(image, ".webp", new ImageEncodingParam(ImwriteFlags.WebPQuality, 101)),
            "animated webp" => WebP.Animated(
                60, 40, Pictures.Encoded(image, ".webp", new ImageEncodingParam(ImwriteFlags.WebPQuality, 101)),
                Pictures.Encoded(image, ".webp", new ImageEncodingParam(ImwriteFlags.WebPQuality, 70))),
            "tiff" => Tiff.Of(true, new Tiff.Page(60, 40, pixels)),
            "big-endian tiff" => Tiff.Of(false, new Tiff.Page(60, 40, [.. pixels, .. pixels], (258, [16, 16, 16]), (274, [6]))),
            "lzw tiff" => Pictures.Encoded(image, ".tif", new ImageEncodingParam(ImwriteFlags.TiffCompression, 5)),
            "tiled tiff" => Tiff.Of(true, new Tiff.Page(60, 40, new byte[64 * 48 * 3], (322, [64]), (323, [48]))),
            "bmp" => Pictures.Encoded(image, ".bmp"),
            "palette bmp" => Bmp.Of(60, 40, 8, y => pixels[(60 * y)..(60 * y + 60)], new byte[1024]),
            "gif" => Gif.Of(60, 40, new byte[384], indices),
            _ => Gif.Of(60, 40, new byte[384], indices, new byte[2400]),
        };
    }

    /// <summary>The damaged file with its sums made right, or they would be all that is ever found wrong.</summary>
    private static byte[] Sound(string format, byte[] file)
    {
        if (!format.StartsWith("png", StringComparison.Ordinal)) return file;
        for (long place = 8; place + 12 <= file.Length;)
        {
            var length = (long)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan((int)place));
            if (place + 12 + length > file.Length) break;
            BinaryPrimitives.WriteUInt32BigEndian(
                file.AsSpan((int)(place + 8 + length)), Png.Sum(file.AsSpan((int)place + 4, (int)length + 4)));
            place += 12 + length;
        }
        return file;
    }
}
