using DataSsl.Dense.Data;
using DataSsl.Runtime;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Tests.Data.Files;

namespace DataSsl.Dense.Tests.Data;

/// <summary>Index masks as they are stored, in every layout.</summary>
public sealed class SegmentationSetTests : IDisposable
{
    private const int Width = SmallSets.Width, Height = SmallSets.Height;
    private readonly TemporaryFolder folder = new();
    private readonly List<string> warnings = [];

    public void Dispose() => folder.Dispose();

    /// <summary>A palette's colours are of no matter, nor how many bits a number has.</summary>
    [Theory]
    [InlineData(0, 8)]
    [InlineData(0, 4)]
    [InlineData(0, 2)]
    [InlineData(0, 1)]
    [InlineData(3, 8)]
    [InlineData(3, 4)]
    [InlineData(3, 1)]
    public void Numbers_are_read_as_they_are_stored(int kind, int bits)
    {
        const int width = 13, height = 5;
        byte Value(int x, int y) => (byte)((3 * x + 5 * y) % (1 << Math.Min(bits, 5)));
        // Every colour of the palette is the same.
        var palette = kind == 3 ? Png.Chunk("PLTE"u8, [.. Enumerable.Repeat((byte)9, 3 << bits)]) : [];
        folder.Write(
            "m.png",
            Png.Of(
                width, height, bits, kind, y => Packed([.. Enumerable.Range(0, width).Select(x => Value(x, y))], bits), before: palette));
        var mask = IndexPng.Read(folder["m.png"], 1000);
        Assert.Equal((width, height), (mask.Width, mask.Height));
        Assert.Equal(Enumerable.Range(0, width * height).Select(i => Value(i % width, i / width)), mask.Values);
    }

    /// <summary>An encoder chooses filters row by row; this one's choice is undone.</summary>
    [Fact]
    public void Filtered_rows_are_undone()
    {
        // Each row with another filter, made here by PNG's definition of what each foretells.
        var values = Enumerable.Range(0, 10).Select(y => Enumerable.Range(0, 17).Select(x => (byte)(x * y + x / 3)).ToArray()).ToArray();
        using var packed = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(packed, System.IO.Compression.CompressionLevel.Fastest))
            for (var y = 0; y < 10; y++)
            {
                zlib.WriteByte((byte)(y % 5));
                for (var x = 0; x < 17; x++)
                {
                    int a = x > 0 ? values[y][x - 1] : 0, b = y > 0 ? values[y - 1][x] : 0, c = x > 0 && y > 0 ? values[y - 1][x - 1] : 0;
                    var nearest = new[] { a, b, c }.MinBy(value => Math.Abs(a + b - c - value));
                    zlib.WriteByte((byte)(values[y][x] - (y % 5) switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => nearest }));
                }
            }
        var file = Png.Of(17, 10, 8, 0, _ => new byte[17]);
        var plain = Png.Pixels(10, _ => new byte[17]);
        var at = file.AsSpan().IndexOf(Png.Chunk("IDAT"u8, plain));
        folder.Write("m.png", [.. file[..at], .. Png.Chunk("IDAT"u8, packed.ToArray()), .. Png.Chunk("IEND"u8, [])]);
        Assert.Equal(values.SelectMany(row => row), IndexPng.Read(folder["m.png"], 1000).Values);
    }

    [Fact]
    public void What_has_no_number_a_pixel_is_refused_in_one_line()
    {
        Refused(Png.Of(4, 4, 8, 2, _ => new byte[12]), "a PNG of colours");
        Refused(Png.Of(4, 4, 16, 0, _ => new byte[8]), "16 bits");
        Refused(Png.Of(4, 4, 8, 0, _ => new byte[4])[..^30], "cut short");
        Refused(Png.Of(400, 400, 8, 0, _ => new byte[400]), "more than the 1,000 that are allowed");
        Refused(Png.Of(4, 9, 8, 0, y => y < 5 ? new byte[4] : []), "cut short");
        Refused([1, 2, 3], "not a PNG");

        void Refused(byte[] file, string why)
        {
            folder.Write("m.png", file);
            var message = Assert.Throws<UserException>(() => IndexPng.Read(folder["m.png"], 1000)).Message;
            Assert.StartsWith($"{folder["m.png"]}: ", message, StringComparison.Ordinal);
            Assert.Contains(why, message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("train/{0}.png", "trainannot/{0}.png", "")]
    [InlineData("val/{0}.png", "valannot/{0}.png", "val")]
    [InlineData("images/{0}.jpg", "masks/{0}.png", "")]
    [InlineData("images/train/{0}.jpg", "masks/train/{0}.png", "")]
    [InlineData("images/val/{0}.jpg", "masks/val/{0}.png", "images/val")]
    [InlineData("JPEGImages/{0}.jpg", "SegmentationClass/{0}.png", "ImageSets/Segmentation/val.txt")]
    public void Masks_are_found_beside_their_images(string images, string masks, string path)
    {
        Write(images, masks, "a", (x, y) => x < 20 ? 2 : 255);
        Write(images, masks, "b", (x, y) => y % 3);
        if (path.StartsWith("ImageSets", StringComparison.Ordinal)) folder.Text(path, "a\nb\n");
        var set = Load(folder[path]);
        Assert.Equal((2, 255, 0), (set.Count, set.Void, warnings.Count));
        Assert.Equal(["0", "1", "2"], set.ClassNames);
        Assert.Equal(Enumerable.Range(0, Width * Height).Select(i => (byte)(i % Width < 20 ? 2 : 255)), set.Mask(0).Values);
        Assert.Equal(Enumerable.Range(0, Width * Height).Select(i => (byte)(i / Width % 3)), set.Mask(1).Values);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cityscapes_is_judged_on_nineteen_of_its_classes(bool isOfClasses)
    {
        var masks = $"gtFine/train/aachen/{{0}}_gtFine_label{(isOfClasses ? "TrainIds" : "Ids")}.png";
        // Road, car, and the car's own bonnet.
        Write(
            "leftImg8bit/train/aachen/{0}_leftImg8bit.png", masks, "a_1",
            (x, _) => isOfClasses ? x < 10 ? 0 : x < 20 ? 13 : 255 : x < 10 ? 7 : x < 20 ? 26 : 1);
        var set = Load(folder.Path);
        Assert.Equal((19, "car", "aachen/a_1_leftImg8bit.png"), (set.ClassNames.Count, set.ClassNames[13], set.NameOf(0)));
        Assert.Equal([0, 13, 255], set.Mask(0).Values.Distinct());
        Assert.Equal(300, set.Mask(0).Values.Count(value => value == 13));
    }

    [Fact]
    public void An_image_without_a_sound_mask_is_left_out_and_told()
    {
        foreach (var name in new[] { "a", "b", "c", "d", "e" }) Write("images/{0}.png", "masks/{0}.png", name, (x, _) => x % 2);
        File.Delete(folder["masks/a.png"]);
        folder.Write("masks/b.png", SmallSets.Grey(Height, Width, (_, _) => 0));
        folder.Write("masks/c.png", SmallSets.Grey(Width, Height, (x, _) => x));
        folder.Write("masks/d.png", [0x89, 1, 2]);
        var set = Load(folder.Path, SmallSets.Options with { Classes = ["no", "yes"], Void = 11 });
        Assert.Equal((1, "e.png"), (set.Count, set.NameOf(0)));
        Assert.Equal(
        [
            $"skipped: {folder["masks/a.png"]}: the mask is missing; the image is left out",
            $"skipped: {folder["masks/b.png"]} (30 x 40, not 40 x 30): a mask of another size than the image, which is left out",
            $"skipped: {folder["masks/c.png"]} (39): a number that is none of the 2 classes nor 11 for void; the image is left out",
            $"skipped: {folder["masks/d.png"]}: not a PNG; index masks are PNGs of grey values or with a palette: the image is left out",
        ], warnings);
        folder.Write("masks/e.png", SmallSets.Grey(Width, Height, (_, _) => 11));
        Assert.StartsWith(
            $"{folder.Path}: none of its annotations can be used (4 tried); the first: {folder["masks/a.png"]}",
            Assert.Throws<UserException>(() => Load(folder.Path, SmallSets.Options with { Classes = ["no", "yes"], Void = 11 })).Message,
            StringComparison.Ordinal);
        Directory.Delete(folder["masks"], recursive: true);
        Assert.Contains(
            "no index masks are beside its images", Assert.Throws<UserException>(() => Load(folder.Path)).Message,
            StringComparison.Ordinal);
    }

    private void Write(string images, string masks, string name, Func<int, int, int> value)
    {
        folder.Picture(string.Format(images, name));
        folder.Write(string.Format(masks, name), SmallSets.Grey(Width, Height, value));
    }

    private static byte[] Packed(byte[] values, int bits)
    {
        var row = new byte[(values.Length * bits + 7) / 8];
        foreach (var (i, value) in values.Index()) row[i * bits / 8] |= (byte)(value << (8 - bits - i * bits % 8));
        return row;
    }

    private SegmentationSet Load(string path, DenseOptions? options = null) =>
        SegmentationSet.Load(path, options ?? SmallSets.Options, warnings.Add);
}
