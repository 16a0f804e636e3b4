using BitMiracle.LibTiff.Classic;
using DataSsl.Runtime;
using DataSsl.Runtime.Training;

namespace DataSsl.EndToEnd;

/// <summary>A picture of 20,000 x 20,000 pixels, 1.2 GB once decoded, is learnt from within the memory of a small machine.</summary>
public sealed class LargePictureTests
{
    private const int Sides = 20_000, Tile = 512, Across = (Sides + Tile - 1) / Tile, Painted = 64;
    private const long Most = 1L << 30;

    [SkippableFact]
    public void A_TIFF_of_400_megapixels_trains_below_a_gibibyte()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the peak is what the kernel says of the process");
        using var folder = new TrainFolder(images: 1);
        var data = Directory.CreateDirectory(folder["slides"]).FullName;
        Write(Path.Combine(data, "slide.tif"));
        using var process = new TrainProcess(
        [
            "train", "--space", "Tiny", "--space-file", Path.Combine(AppContext.BaseDirectory, "tiny.space.yaml"), "--data", data,
            "--tiles", $"{Tile}", "--size", "32", "--batch", "16",
            "--epochs", "2", "--hidden", "16", "--threads", "2", "--out", folder["run"],
        ]);
        var (exitCode, error, peak) = process.WaitForPeak();
        Assert.True(exitCode == 0, error);
        var shown = Enumerable.Range(0, Across * Across).Count(tile => IsShown(tile % Across, tile / Across));
        Assert.Equal(Painted, shown);
        Assert.Contains(
            FormattableString.Invariant($"1,600 tiles of 1 picture, {1600 - shown:N0} of background left out"), error,
            StringComparison.Ordinal);
        Assert.InRange(peak, 100L << 20, Most);
        var (options, step) = Checkpoint.Describe(CheckpointFolder.FileOf(folder["run"]));
        Assert.Equal((new(Tile, false), 2L * (shown / 16)), (options.Tiles, step));
    }

    /// <summary>Whether one of our tiles has more than a hundredth of a painted one of the file's.</summary>
    private static bool IsShown(int column, int row)
    {
        int Start(int place) => Math.Min(place * Tile, Sides - Tile);

        var (left, top) = (Start(column), Start(row));
        for (var y = top / Tile; y <= (top + Tile - 1) / Tile; y++)
            for (var x = left / Tile; x <= (left + Tile - 1) / Tile; x++)
            {
                var (wide, high) = (Overlap(left, x), Overlap(top, y));
                if (IsPainted(x, y) && wide * high > Tile * Tile / 20) return true;
            }
        return false;

        int Overlap(int start, int stored) =>
            Math.Min(start + Tile, (stored + 1) * Tile) - Math.Max(start, stored * Tile);
    }

    /// <summary>Every fifth tile of every fifth row.</summary>
    private static bool IsPainted(int column, int row) => column % 5 == 2 && row % 5 == 2;

    /// <summary>
    /// A bright slide with painted tiles. What is plain is packed once and written as it is packed, so that the file is made in seconds.
    /// </summary>
    private static void Write(string path)
    {
        using var tiff = Tiff.Open(path, "wl");
        foreach (var (tag, value) in new (TiffTag, object)[]
        {
            (TiffTag.IMAGEWIDTH, Sides), (TiffTag.IMAGELENGTH, Sides), (TiffTag.BITSPERSAMPLE, 8), (TiffTag.SAMPLESPERPIXEL, 3),
            (TiffTag.COMPRESSION, Compression.ADOBE_DEFLATE), (TiffTag.PHOTOMETRIC, Photometric.RGB), (TiffTag.TILEWIDTH, Tile),
            (TiffTag.TILELENGTH, Tile), (TiffTag.PLANARCONFIG, PlanarConfig.CONTIG),
        })
            tiff.SetField(tag, value);
        var plain = Packed(Pixels(isPainted: false, seed: 0));
        for (var tile = 0; tile < Across * Across; tile++)
        {
            var packed = IsPainted(tile % Across, tile / Across) ? Packed(Pixels(isPainted: true, tile)) : plain;
            Assert.Equal(packed.Length, tiff.WriteRawTile(tile, packed, packed.Length));
        }
    }

    private static byte[] Packed(byte[] pixels)
    {
        using var packed = new MemoryStream();
        using (var deflate = new System.IO.Compression.ZLibStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
            deflate.Write(pixels);
        return packed.ToArray();
    }

    /// <summary>A little noise, and where it is painted waves of two lengths.</summary>
    private static byte[] Pixels(bool isPainted, int seed)
    {
        var (pixels, rng) = (new byte[3 * Tile * Tile], CounterRandom.For((ulong)seed, "slide"));
        var (a, b) = (rng.Between(0.01, 0.1), rng.Between(0.01, 0.1));
        for (var y = 0; y < Tile; y++)
            for (var x = 0; x < Tile; x++)
                for (var band = 0; band < 3; band++)
                    pixels[3 * (y * Tile + x) + band] = (byte)(isPainted
                        ? 128 + 60 * Math.Sin(a * x + band) + 60 * Math.Cos(b * y)
                        : 236 + (x * y + band) % 5);
        return pixels;
    }
}
