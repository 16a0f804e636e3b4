using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data.Files;
using OpenCvSharp;

namespace DataSsl.Runtime.Tests.Data;

/// <summary>Every kind of JPEG, PNG, WebP, TIFF, BMP and GIF decodes to the picture that was put into it.</summary>
public class DecodingTests
{
    private const int Width = 53, Height = 37;
    private const ImwriteFlags SamplingFactor = (ImwriteFlags)7; // OpenCvSharp does not name it yet.
    private static readonly Image wanted = Pictures.Waves(Width, Height);

    /// <summary>128 colours of the wanted kind: the palette, and which of them each pixel has.</summary>
    private static readonly byte[] palette =
    [
        .. Enumerable.Range(0, 128).SelectMany(i => new[] { (byte)(2 * i), (byte)(255 - i), (byte)(i * 37) }),
    ];
    private static readonly byte[] indices = [.. Enumerable.Range(0, Width * Height).Select(i => (byte)(At(i / Width, i % Width, 1) / 2))];

    private static readonly Dictionary<string, (byte[] File, byte[] Rgb, int Tolerance)> files = Make();

    public static TheoryData<string> Names() => [.. files.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Decodes_to_what_was_put_in(string name)
    {
        var (file, rgb, tolerance) = files[name];
        AssertClose(Width, Height, rgb, Pictures.Decoded(file), tolerance);
    }

    private static byte At(int y, int x, int channel) => wanted.Rgb.Span[3 * (y * Width + x) + channel];

    private static byte[] Rgb(Func<int, int, int, byte> value) =>
        [.. Enumerable.Range(0, 3 * Width * Height).Select(i => value(i / 3 / Width, i / 3 % Width, i % 3))];

    private static byte[] Row(int y, Func<int, IEnumerable<byte>> pixel) => [.. Enumerable.Range(0, Width).SelectMany(x => pixel(x))];

    /// <summary>Pixels of 1, 2 or 4 bits, packed from the left.</summary>
    private static byte[] Packed(int y, int bits, Func<int, int, int> pixel) =>
        [
            .. Enumerable.Range(0, Width).Chunk(8 / bits)
                .Select(some => (byte)some.Select((x, i) => pixel(y, x) << (8 - bits * (i + 1))).Sum()),
        ];

    private static byte[] Plane(Func<int, byte[]> row) => [.. Enumerable.Range(0, Height).SelectMany(row)];

    private static Dictionary<string, (byte[] File, byte[] Rgb, int Tolerance)> Make()
    {
        var made = new Dictionary<string, (byte[], byte[], int)>();
        var rgb = wanted.Rgb.ToArray();
        var grey = Rgb((y, x, _) => At(y, x, 0));
        var bilevel = Rgb((y, x, _) => (byte)(At(y, x, 0) >> 7 == 0 ? 0 : 255));
        var quarter = Rgb((y, x, _) => (byte)(At(y, x, 0) / 17 * 17));
        var coloured = Rgb((y, x, channel) => palette[3 * indices[y * Width + x] + channel]);
        void Add(string name, byte[] file, byte[] pixels, int tolerance = 0) => made.Add(name, (file, pixels, tolerance));
        byte Alpha(int x) => (byte)(x * 4 % 200 + 30);
        // The low byte of 16 bits is another in every pixel, and is dropped.
        static byte Low(int y, int x) => (byte)(31 * x + y);

        Add("rgb.png", Pictures.Encoded(wanted, ".png"), rgb);
        Add("grey.png", Png.Of(Width, Height, 8, 0, y => Row(y, x => [At(y, x, 0)])), grey);
        Add("grey4.png", Png.Of(Width, Height, 4, 0, y => Packed(y, 4, (y, x) => At(y, x, 0) / 17)), quarter);
        Add("bilevel.png", Png.Of(Width, Height, 1, 0, y => Packed(y, 1, (y, x) => At(y, x, 0) >> 7)), bilevel);
        Add(
            "palette.png", Png.Of(Width, Height, 8, 3, y => indices[(y * Width)..((y + 1) * Width)], Png.Chunk("PLTE"u8, palette)),
            coloured);
        Add(
            "palette-clear.png",
            Png.Of(
                Width, Height, 8, 3, y => indices[(y * Width)..((y + 1) * Width)],
                [.. Png.Chunk("PLTE"u8, palette), .. Png.Chunk("tRNS"u8, new byte[100])]),
            coloured);
        Add("alpha.png", Png.Of(Width, Height, 8, 6, y => Row(y, x => [At(y, x, 0), At(y, x, 1), At(y, x, 2), Alpha(x)])), rgb);
        Add("clear.png", Png.Of(Width, Height, 8, 6, y => Row(y, x => [At(y, x, 0), At(y, x, 1), At(y, x, 2), 0])), rgb);
        Add("grey-alpha.png", Png.Of(Width, Height, 8, 4, y => Row(y, x => [At(y, x, 0), Alpha(x)])), grey);
        Add("grey16.png", Png.Of(Width, Height, 16, 0, y => Row(y, x => [At(y, x, 0), Low(y, x)])), grey);
        Add(
            "rgb16.png",
            Png.Of(Width, Height, 16, 2, y => Row(y, x => [At(y, x, 0), Low(y, x), At(y, x, 1), Low(y, x), At(y, x, 2), Low(y, x)])), rgb);
        Add(
            "alpha16.png",
            Png.Of(
                Width, Height, 16, 6,
                y => Row(y, x => [At(y, x, 0), Low(y, x), At(y, x, 1), Low(y, x), At(y, x, 2), Low(y, x), Alpha(x), 9])),
            rgb);
        Add(
            "animated.png",
            Png.Of(Width, Height, 8, 2, y => Row(y, x => [At(y, x, 0), At(y, x, 1), At(y, x, 2)]), [.. Control(2), .. Frame(0)],
            [.. Frame(1), .. Png.Chunk("fdAT"u8, [0, 0, 0, 2, .. Png.Pixels(Height, y => new byte[3 * Width])])]), rgb);

        Add("baseline.jpg", Pictures.Encoded(wanted, ".jpg", new ImageEncodingParam(ImwriteFlags.JpegQuality, 100)), rgb, 25);
        Add("full-chroma.jpg", Pictures.Encoded(wanted, ".jpg", new(ImwriteFlags.JpegQuality, 100), new(SamplingFactor, 0x111111)), rgb, 4);
        Add(
            "progressive.jpg",
            Pictures.Encoded(
                wanted, ".jpg", new(ImwriteFlags.JpegQuality, 100), new(SamplingFactor, 0x111111), new(ImwriteFlags.JpegProgressive, 1)),
            rgb, 4);
        Add(
            "named-otherwise",
            Pictures.Encoded(
                wanted, ".jpg", new(ImwriteFlags.JpegQuality, 100), new(SamplingFactor, 0x111111), new(ImwriteFlags.JpegRstInterval, 2)),
            rgb, 4);

        Add("lossless.webp", Pictures.Encoded(wanted, ".webp", new ImageEncodingParam(ImwriteFlags.WebPQuality, 101)), rgb);
        Add("lossy.webp", Pictures.Encoded(wanted, ".webp", new ImageEncodingParam(ImwriteFlags.WebPQuality, 100)), rgb, 40);
        Add(
            "animated.webp",
            WebP.Animated(Width, Height, Pictures.Encoded(wanted, ".webp", new ImageEncodingParam(ImwriteFlags.WebPQuality, 101)),
            Pictures.Encoded(Pictures.Waves(Width, Height, seed: 1), ".webp", new ImageEncodingParam(ImwriteFlags.WebPQuality, 101))), rgb);

        foreach (var (kind, compression) in new[] { ("none", 1), ("lzw", 5), ("deflate", 8), ("packbits", 32773) })
            Add($"{kind}.tif", Pictures.Encoded(wanted, ".tif", new ImageEncodingParam(ImwriteFlags.TiffCompression, compression)), rgb);
        foreach (var little in new[] { true, false })
        {
            var order = little ? "little" : "big";
            byte[] Wide(byte high, byte low) => little ? [low, high] : [high, low];
            Add($"rgb-{order}.tif", Tiff.Of(little, new Tiff.Page(Width, Height, rgb)), rgb);
            Add(
                $"grey-{order}.tif",
                Tiff.Of(little, new Tiff.Page(Width, Height, Plane(y => Row(y, x => [At(y, x, 0)])), (258, [8]), (262, [1]), (277, [1]))),
                grey);
            Add(
                $"white-is-zero-{order}.tif",
                Tiff.Of(
                    little,
                    new Tiff.Page(Width, Height, Plane(y => Row(y, x => [(byte)~At(y, x, 0)])), (258, [8]), (262, [0]), (277, [1]))),
                grey);
            Add(
                $"bilevel-{order}.tif",
                Tiff.Of(
                    little,
                    new Tiff.Page(Width, Height, Plane(y => Packed(y, 1, (y, x) => At(y, x, 0) >> 7)), (258, [1]), (262, [1]), (277, [1]))),
                bilevel);
            Add(
                $"palette-{order}.tif",
                Tiff.Of(little, new Tiff.Page(Width, Height, indices, (258, [8]), (262, [3]), (277, [1]), (320, Colours()))), coloured);
            Add(
                $"grey16-{order}.tif",
                Tiff.Of(
                    little,
                    new Tiff.Page(
                        Width, Height, Plane(y => Row(y, x => Wide(At(y, x, 0), Low(y, x)))), (258, [16]), (262, [1]), (277, [1]))),
                grey, 1);
            Add(
                $"rgb16-{order}.tif",
                Tiff.Of(
                    little,
                    new Tiff.Page(
                        Width, Height,
                        Plane(
                            y =>
                                Row(
                                    y,
                                    x =>
                                        [
                                            .. Wide(At(y, x, 0), Low(y, x)),.. Wide(At(y, x, 1), Low(y, x)),.. Wide(At(y, x, 2), Low(y, x)),
                                        ])),
                        (258, [16, 16, 16]))),
                rgb, 1);
            foreach (var (name, kind) in new[] { ("unknown", 0), ("associated", 1), ("unassociated", 2) })
            {
                Add(
                    $"alpha-{name}-{order}.tif",
                    Tiff.Of(
                        little,
                        new Tiff.Page(
                            Width, Height, Plane(y => Row(y, x => [At(y, x, 0), At(y, x, 1), At(y, x, 2), Alpha(x)])), (258, [8, 8, 8, 8]),
                            (277, [4]), (338, [kind]))),
                    rgb);
                Add(
                    $"grey-alpha-{name}-{order}.tif",
                    Tiff.Of(
                        little,
                        new Tiff.Page(
                            Width, Height, Plane(y => Row(y, x => [At(y, x, 0), Alpha(x)])), (258, [8, 8]), (262, [1]), (277, [2]),
                            (338, [kind]))),
                    grey);
                Add($"alpha16-{name}-{order}.tif", Tiff.Of(little, new Tiff.Page(Width, Height,
                    Plane(
                        y =>
                            Row(y, x => [.. Wide(At(y, x, 0), 7), .. Wide(At(y, x, 1), 7), .. Wide(At(y, x, 2), 7), .. Wide(Alpha(x), 7)])),
                    (258, [16, 16, 16, 16]), (277, [4]), (338, [kind]))),
                        rgb, 1);
            }
            Add(
                $"cmyk-{order}.tif",
                Tiff.Of(
                    little,
                    new Tiff.Page(
                        Width, Height, Plane(y => Row(y, x => [(byte)~At(y, x, 0), (byte)~At(y, x, 1), (byte)~At(y, x, 2), 0])),
                        (258, [8, 8, 8, 8]), (262, [5]), (277, [4]))),
                rgb, 1);
            Add($"tiled-{order}.tif", Tiff.Of(little, new Tiff.Page(Width, Height, Tile(64, 48), (322, [64]), (323, [48]))), rgb);
            Add($"pages-{order}.tif", Tiff.Of(little, new(Width, Height, rgb), new(20, 10, new byte[600])), rgb);
        }

        Add("rgb.bmp", Pictures.Encoded(wanted, ".bmp"), rgb);
        byte[] colours = [.. palette.Chunk(3).SelectMany(one => new byte[] { one[2], one[1], one[0], 0 })];
        Add("palette.bmp", Bmp.Of(Width, Height, 8, y => indices[(y * Width)..((y + 1) * Width)], colours), coloured);
        Add(
            "bilevel.bmp", Bmp.Of(Width, Height, 1, y => Packed(y, 1, (y, x) => At(y, x, 0) >> 7), [0, 0, 0, 0, 255, 255, 255, 0]),
            bilevel);
        Add(
            "grey4.bmp",
            Bmp.Of(
                Width, Height, 4, y => Packed(y, 4, (y, x) => At(y, x, 0) / 17),
                [.. Enumerable.Range(0, 16).SelectMany(i => new[] { (byte)(17 * i), (byte)(17 * i), (byte)(17 * i), (byte)0 })]),
            quarter);
        Add("from-the-top.bmp", Bmp.Of(Width, -Height, 24, y => Row(y, x => [At(y, x, 2), At(y, x, 1), At(y, x, 0)])), rgb);
        Add("alpha.bmp", Bmp.Of(Width, Height, 32, y => Row(y, x => [At(y, x, 2), At(y, x, 1), At(y, x, 0), Alpha(x)])), rgb);
        Add(
            "masks.bmp",
            Bmp.Of(Width, Height, 32, y => Row(y, x => [At(y, x, 0), At(y, x, 1), At(y, x, 2), 0]), masks: [0xFF, 0xFF00, 0xFF0000]), rgb);
        // OpenCV fills the low bits of 15- and 16-bit colours with zeros.
        Add(
            "top555.bmp",
            Bmp.Of(Width, -Height, 16, y => Row(y, x => Sixteen(At(y, x, 0) >> 3 << 10 | At(y, x, 1) >> 3 << 5 | At(y, x, 2) >> 3))), rgb,
            7);
        Add(
            "masks565.bmp",
            Bmp.Of(
                Width, Height, 16, y => Row(y, x => Sixteen(At(y, x, 0) >> 3 << 11 | At(y, x, 1) >> 2 << 5 | At(y, x, 2) >> 3)),
                masks: [0xF800, 0x7E0, 0x1F]),
            rgb, 7);

        Add("still.gif", Gif.Of(Width, Height, palette, indices), coloured);
        Add("animated.gif", Gif.Of(Width, Height, palette, indices, new byte[Width * Height]), coloured);
        return made;

        static IEnumerable<byte> Sixteen(int value) => [(byte)value, (byte)(value >> 8)];
        static byte[] Control(int frames) => Png.Chunk("acTL"u8, new ByteWriter(little: false).Long(frames).Long(0).ToArray());
        static byte[] Frame(int number) =>
            Png.Chunk(
                "fcTL"u8,
                new ByteWriter(little: false).Long(number).Long(Width).Long(Height).Long(0).Long(0).Short(1).Short(10).Bytes(0, 0)
                    .ToArray());
        // All reds, all greens, all blues, in 16 bits.
        static int[] Colours() =>
            [
                .. Enumerable.Range(0, 3)
                    .SelectMany(channel => Enumerable.Range(0, 256).Select(i => i < 128 ? 257 * palette[3 * i + channel] : 0)),
            ];
        static byte[] Tile(int columns, int rows) =>
            [
                .. Enumerable.Range(0, rows * columns * 3)
                    .Select(
                        i => (i / 3 / columns, i / 3 % columns) is ( < Height and var y, < Width and var x) ? At(y, x, i % 3) : (byte)99),
            ];
    }

    /// <summary>A turned picture is stored so that it stands upright once the orientation is followed.</summary>
    [Theory]
    [
        CombinatorialData(
            "jpg", "progressive.jpg", "png", "lossless.webp", "lossy.webp", "strip.tif", "tile.tif", "grey.tif", "grey16.tif", "rgb16.tif",
            "palette.tif", "alpha.tif", "cmyk.tif"),
    ]
    public void Every_orientation_of_every_format_that_can_carry_it_is_followed(string kind, int orientation, bool little)
    {
        var (across, down) = orientation >= 5 ? (Height, Width) : (Width, Height);
        var stored = new Image(across, down, Stored(orientation));
        var exif = Exif.Of(orientation, little);
        var pixels = stored.Rgb.ToArray();
        byte[] Greys() => [.. pixels.Where((_, i) => i % 3 == 0)];
        byte[] Wide(IEnumerable<byte> values) => [.. values.SelectMany(value => new[] { value, value })];
        (int, int[]) turned = (274, [orientation]);
        var file = kind switch
        {
            "jpg" => Exif.InJpeg(Pictures.Encoded(stored, ".jpg", new(ImwriteFlags.JpegQuality, 100), new(SamplingFactor, 0x111111)), exif),
            "progressive.jpg" => Exif.InJpeg(
                Pictures.Encoded(
                    stored, ".jpg", new(ImwriteFlags.JpegQuality, 100), new(SamplingFactor, 0x111111),
                    new(ImwriteFlags.JpegProgressive, 1)),
                exif),
            "png" => Exif.InPng(Pictures.Encoded(stored, ".png"), exif),
            "lossless.webp" => Exif.InWebP(
                Pictures.Encoded(stored, ".webp", new ImageEncodingParam(ImwriteFlags.WebPQuality, 101)), across, down, exif),
            "lossy.webp" => Exif.InWebP(
                Pictures.Encoded(stored, ".webp", new ImageEncodingParam(ImwriteFlags.WebPQuality, 100)), across, down,
                [.. "Exif\0\0"u8, .. exif]),
            "strip.tif" => Tiff.Of(little, new Tiff.Page(across, down, pixels, turned)),
            "tile.tif" => Tiff.Of(little, new Tiff.Page(across, down, Tile(stored, 64), turned, (322, [64]), (323, [64]))),
            "grey.tif" => Tiff.Of(little, new Tiff.Page(across, down, Greys(), turned, (258, [8]), (262, [1]), (277, [1]))),
            "grey16.tif" => Tiff.Of(little, new Tiff.Page(across, down, Wide(Greys()), turned, (258, [16]), (262, [1]), (277, [1]))),
            "rgb16.tif" => Tiff.Of(little, new Tiff.Page(across, down, Wide(pixels), turned, (258, [16, 16, 16]))),
            "palette.tif" => Tiff.Of(
                little,
                new Tiff.Page(
                    across, down, Greys(), turned, (258, [8]), (262, [3]), (277, [1]),
                    (320, [.. Enumerable.Range(0, 768).Select(i => i % 256 * 257)]))),
            "alpha.tif" => Tiff.Of(
                little,
                new Tiff.Page(
                    across, down, [.. pixels.Chunk(3).SelectMany(one => new byte[] { one[0], one[1], one[2], 80 })], turned,
                    (258, [8, 8, 8, 8]), (277, [4]), (338, [2]))),
            "cmyk.tif" => Tiff.Of(
                little,
                new Tiff.Page(
                    across, down, [.. pixels.Chunk(3).SelectMany(one => new byte[] { (byte)~one[0], (byte)~one[1], (byte)~one[2], 0 })],
                    turned, (258, [8, 8, 8, 8]), (262, [5]), (277, [4]))),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        var upright = kind is "grey.tif" or "grey16.tif" or "palette.tif" ? Rgb((y, x, _) => At(y, x, 0)) : wanted.Rgb.ToArray();
        AssertClose(
            Width, Height, upright, Pictures.Decoded(file),
            kind switch { "lossy.webp" => 40, "jpg" or "progressive.jpg" => 4, "cmyk.tif" => 1, _ => 0 });
    }

    /// <summary>TIFF 6.0, tag 274: where the first row and the first column of what is stored lie in the upright picture.</summary>
    private static byte[] Stored(int orientation)
    {
        var (across, down) = orientation >= 5 ? (Height, Width) : (Width, Height);
        var pixels = new byte[3 * Width * Height];
        for (var row = 0; row < down; row++)
            for (var column = 0; column < across; column++)
            {
                var (y, x) = orientation switch
                {
                    1 => (row, column),
                    2 => (row, Width - 1 - column),
                    3 => (Height - 1 - row, Width - 1 - column),
                    4 => (Height - 1 - row, column),
                    5 => (column, row),
                    6 => (column, Width - 1 - row),
                    7 => (Height - 1 - column, Width - 1 - row),
                    _ => (Height - 1 - column, row),
                };
                for (var channel = 0; channel < 3; channel++) pixels[3 * (row * across + column) + channel] = At(y, x, channel);
            }
        return pixels;
    }

    private static byte[] Tile(Image image, int side)
    {
        var tile = new byte[3 * side * side];
        for (var y = 0; y < image.Height; y++) image.Rgb.Slice(3 * y * image.Width, 3 * image.Width).CopyTo(tile.AsMemory(3 * y * side));
        return tile;
    }

    /// <summary>Kinds by orientations by byte orders.</summary>
    private sealed class CombinatorialDataAttribute(params string[] kinds) : Xunit.Sdk.DataAttribute
    {
        public override IEnumerable<object[]> GetData(System.Reflection.MethodInfo testMethod) =>
            from kind in kinds
            from orientation in Enumerable.Range(1, 8)
            from little in new[] { true, false }
            select new object[]
            {
                kind,
                orientation,
                little,
            };
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_cmyk_jpeg_of_adobes_decodes(byte adobe)
    {
        // Cyan, magenta, yellow and black of a block, as printers have them: 0 for no ink.
        static int Ink(int column, int row, int channel) =>
            channel switch { 0 => 40 * column, 1 => 50 * row, 2 => 20 * (column + row), _ => 30 };
        static byte Shown(int ink) => (byte)((255 - ink) * (255 - 30) / 255);
        byte Stored(int column, int row, int channel)
        {
            if (adobe != 2) return (byte)(255 - Ink(column, row, channel));
            // YCCK: the inverted inks' complement goes through YCbCr, black stays.
            double red = Ink(column, row, 0), green = Ink(column, row, 1), blue = Ink(column, row, 2);
            return channel switch
            {
                0 => (byte)Math.Round(0.299 * red + 0.587 * green + 0.114 * blue),
                1 => (byte)Math.Round(128 - 0.168736 * red - 0.331264 * green + 0.5 * blue),
                2 => (byte)Math.Round(128 + 0.5 * red - 0.418688 * green - 0.081312 * blue),
                _ => 255 - 30,
            };
        }
        var image = Pictures.Decoded(FlatJpeg.Of(6, 4, 4, Stored, adobe));
        Assert.Equal((48, 32), (image.Width, image.Height));
        byte[] rgb = [.. Enumerable.Range(0, 3 * 48 * 32).Select(i => Shown(Ink(i / 3 % 48 / 8, i / 3 / 48 / 8, i % 3)))];
        AssertClose(48, 32, rgb, image, 4);
    }

    [Fact]
    public void What_OpenCV_would_show_in_wrong_colours_is_refused()
    {
        var inks = Assert.Throws<InvalidDataException>(() => Pictures.Decoded(FlatJpeg.Of(2, 2, 4, (_, _, _) => 40)));
        Assert.Contains("without Adobe's marker", inks.Message);
        var masks = Assert.Throws<InvalidDataException>(
            () => Pictures.Decoded(Bmp.Of(9, 9, 32, _ => new byte[36], masks: [0xFF000000, 0xFF0000, 0xFF00])));
        Assert.Contains("unusual colour masks", masks.Message);
    }

    [Fact]
    public void A_grey_jpeg_decodes()
    {
        var image = Pictures.Decoded(FlatJpeg.Of(3, 2, 1, (column, row, _) => (byte)(60 * column + 30 * row + 5)));
        AssertClose(
            24, 16, [.. Enumerable.Range(0, 3 * 24 * 16).Select(i => (byte)(60 * (i / 3 % 24 / 8) + 30 * (i / 3 / 24 / 8) + 5))], image, 1);
    }

    [Theory]
    [InlineData(0, 400, 300)]
    [InlineData(300, 400, 300)]
    [InlineData(150, 200, 150)]
    [InlineData(149, 200, 150)]
    [InlineData(76, 200, 150)]
    [InlineData(75, 100, 75)]
    [InlineData(1, 50, 38)]
    public void A_jpeg_decodes_at_the_smallest_scale_that_keeps_the_short_side(int minShortSide, int width, int height)
    {
        var file = Pictures.Encoded(Pictures.Waves(400, 300), jpeg: true);
        var image = Pictures.Decoded(file, minShortSide);
        Assert.Equal((width, height), (image.Width, image.Height));
        // The same picture in small, with its channels in the same order: its means are those of the whole.
        var whole = Pictures.Decoded(file);
        for (var channel = 0; channel < 3; channel++)
            Assert.InRange(Mean(image, channel), Mean(whole, channel) - 2, Mean(whole, channel) + 2);

        static double Mean(Image image, int channel) => image.Rgb.ToArray().Where((_, i) => i % 3 == channel).Average(value => value);
    }

    [Fact]
    public void A_turned_jpeg_decodes_small_and_upright()
    {
        var file = Exif.InJpeg(Pictures.Encoded(Pictures.Waves(400, 300), jpeg: true), Exif.Of(6));
        var image = Pictures.Decoded(file, 100);
        Assert.Equal((150, 200), (image.Width, image.Height));
    }

    [Fact]
    public void Other_formats_decode_whole()
    {
        foreach (var extension in new[] { ".png", ".webp", ".tif", ".bmp", ".gif" })
            Assert.Equal(400, Pictures.Decoded(Pictures.Encoded(Pictures.Waves(400, 300), extension), 10).Width);
    }

    [Fact]
    public void Many_threads_decode_to_the_same_pixels()
    {
        var (jpeg, tiff) = (Pictures.Encoded(Pictures.Waves(300, 200), jpeg: true), Pictures.Encoded(Pictures.Waves(300, 200), ".tif"));
        var alone = new[] { jpeg, tiff }.Select(file => Pictures.Decoded(file).Rgb.ToArray()).ToArray();
        Parallel.For(
            0, 64, new() { MaxDegreeOfParallelism = 8 },
            i => Assert.True(alone[i % 2].AsSpan().SequenceEqual(Pictures.Decoded(i % 2 == 0 ? jpeg : tiff).Rgb.Span)));
    }

    [Fact]
    public void A_saved_png_loads_to_the_same_pixels_and_leaves_nothing_beside()
    {
        using var folder = new TemporaryFolder();
        var image = Pictures.Waves(31, 17);
        ImageFile.Save(folder["a.png"], image);
        Assert.Equal(image.Rgb.ToArray(), ImageFile.Load(folder["a.png"]).Rgb.ToArray());
        Assert.Equal([folder["a.png"]], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_saved_jpeg_is_close()
    {
        using var folder = new TemporaryFolder();
        var image = Pictures.Waves(64, 48);
        ImageFile.Save(folder["a.JPG"], image, quality: 95);
        var error = image.Rgb.ToArray().Zip(ImageFile.Load(folder["a.JPG"]).Rgb.ToArray(), (a, b) => Math.Abs(a - b)).Average();
        Assert.InRange(error, 0, 6);
    }

    [Fact]
    public void An_unknown_extension_is_refused()
    {
        var error = Assert.Throws<UserException>(() => ImageFile.Save("a.bmp", Pictures.Waves(4, 4)));
        Assert.Contains("'.bmp' is neither .png nor .jpg", error.Message);
    }

    private static void AssertClose(int width, int height, byte[] rgb, Image image, int tolerance)
    {
        Assert.Equal((width, height), (image.Width, image.Height));
        Assert.Equal(rgb.Length, image.Rgb.Length);
        var worst = rgb.Zip(image.Rgb.ToArray(), (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= tolerance, $"differs by {worst} levels");
    }
}
