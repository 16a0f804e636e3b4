using System.Buffers.Binary;
using System.Globalization;
using BitMiracle.LibTiff.Classic;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data.Files;
using OpenCvSharp;

namespace DataSsl.Runtime.Tests.Data;

/// <summary>Pictures in tiles: what was written, cut by hand, however it is stored, read and asked for.</summary>
[Collection(nameof(MeasuredCollection))]
public sealed class TilesTests : IDisposable
{
    private const int Width = 150, Height = 97, Side = 40;
    private static readonly TileRule rule = new(Side, KeepsBackground: true);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<int, int, Compression, bool, int?, int> Stored()
    {
        var kinds = new TheoryData<int, int, Compression, bool, int?, int>();
        foreach (var (bands, bits) in new[] { (1, 8), (3, 8), (3, 16), (4, 16), (5, 8) })
            foreach (var compression in new[] { Compression.NONE, Compression.LZW, Compression.ADOBE_DEFLATE, Compression.PACKBITS })
                foreach (var isPlanar in new[] { false, true })
                    // Tiles of less than ours, of more, and strips of a few lines, of more than ours, and one of all.
                    foreach (var (tile, strip) in new (int?, int)[] { (16, 0), (64, 0), (null, 7), (null, 60), (null, Height) })
                        kinds.Add(bands, bits, compression, isPlanar, tile, strip);
        return kinds;
    }

    [Theory]
    [MemberData(nameof(Stored))]
    public void Tiles_are_what_was_written_however_it_is_stored(
        int bands, int bits, Compression compression, bool isPlanar, int? tile, int strip)
    {
        var whole = Write("a.tif", bands, bits, compression, isPlanar, tile, strip);
        var tiles = Tiled(whole.Format);
        int[] lefts = [0, 40, 80, 110], tops = [0, 40, 57];
        Assert.Equal(
            tops.SelectMany(top => lefts.Select(left => $"a.tif#{left},{top},{Side},{Side}")), tiles.Names);
        Assert.Equal($"{folder["a.tif"]}#110,57,40,40", tiles.PathOf(11));
        MustBeCuts(tiles, whole, workers: 1);
        MustBeCuts(tiles, whole, workers: 3);
        // What OpenCV makes of the whole in the usual way.
        if (OpenCvReads(bands, bits, compression, isPlanar, tile))
            MustBeCuts(Tiled(PixelFormat.Rgb), ImageFile.Load(folder["a.tif"]), workers: 2);
    }

    /// <summary>Places of 64 bits and the parts in any order, of either order of bytes.</summary>
    [Theory]
    [MemberData(nameof(Stored))]
    public void A_BigTIFF_is_what_was_written_however_it_is_stored(
        int bands, int bits, Compression compression, bool isPlanar, int? tile, int strip)
    {
        var whole = Write("old/a.tif", bands, bits, compression, isPlanar, tile, strip, isBig: tile == 16 || strip == 7);
        folder.Write("new/a.tif", BigTiff.Of(System.IO.File.ReadAllBytes(folder["old/a.tif"])));
        MustBeCuts(Tiled(whole.Format, "new"), whole, workers: 3);
        // OpenCV has a libtiff of its own, which knows both.
        if (OpenCvReads(bands, bits, compression, isPlanar, tile))
            Assert.Equal(ImageFile.Load(folder["old/a.tif"]).Pixels.ToArray(), ImageFile.Load(folder["new/a.tif"]).Pixels.ToArray());
    }

    /// <summary>Where 32 bits do not reach, with room for the parts alone: the rest of the file is nothing.</summary>
    [SkippableTheory]
    [InlineData(64, 0)]
    [InlineData(null, 7)]
    [InlineData(null, Height)]
    public void Parts_lie_beyond_4_GiB(int? tile, int strip)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "elsewhere the file would take what it is long");
        foreach (var compression in new[] { Compression.NONE, Compression.ADOBE_DEFLATE })
        {
            var values = Values(4, 16);
            new BandTiff(Width, Height, values, 4, 16) { Compression = compression, TileSide = tile, StripRows = strip }
                .Write(folder["a.tif"]);
            using (var file = System.IO.File.Create(folder["b.tif"]))
                BigTiff.Write(System.IO.File.ReadAllBytes(folder["a.tif"]), file, gap: 5L << 30);
            using var handle = System.IO.File.OpenHandle(folder["b.tif"]);
            var bytes = new ImageBytes(handle);
            Assert.InRange(bytes.Length, 5L << 30, 6L << 30);
            var page = TiffPage.Of(new(bytes), bytes.Length, new(4, 16));
            using var tiff = TiffFile.Open(() => System.IO.File.OpenRead(folder["b.tif"]), page, new(4, 16), Height);
            Assert.Equal(BandTiff.Packed(values, 16), tiff.Rows(0, Height).ToArray());
        }
    }

    /// <summary>A directory is where lies do harm: what is read of a broken one are the rows of a picture, or a line.</summary>
    [Theory]
    [InlineData(64, 0)]
    [InlineData(null, 7)]
    public void A_mutated_BigTIFF_is_read_or_refused(int? tile, int strip)
    {
        new BandTiff(Width, Height, Values(4, 8), 4, 8) { Compression = Compression.LZW, TileSide = tile, StripRows = strip }
            .Write(folder["a.tif"]);
        var whole = BigTiff.Of(System.IO.File.ReadAllBytes(folder["a.tif"]));
        var rng = CounterRandom.For(5, "BigTIFF");
        var (read, refused) = (0, 0);
        for (var trial = 0; trial < 2000; trial++)
        {
            var broken = trial % 4 == 0 ? whole[..(int)rng.Below(whole.Length)] : [.. whole];
            for (var flips = trial % 4 == 0 ? 0 : rng.Below(3) + 1; flips > 0; flips--)
                broken[rng.Below(Math.Min(broken.Length, rng.Chance(0.8) ? 400 : broken.Length))] = (byte)rng.NextBits();
            try
            {
                ImageHeader.Read(new(broken, broken.Length), maxPixels: 1 << 22);
                var page = TiffPage.Of(new(new(broken, broken.Length)), broken.Length, new(4, 8));
                using var file = TiffFile.Open(() => new MemoryStream(broken), page, new(4, 8), page.Height);
                Assert.Equal(4 * page.Width * page.Height, file.Rows(0, page.Height).Length);
                read++;
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
            {
                Assert.DoesNotContain('\n', e.Message);
                refused++;
            }
        }
        Assert.InRange(read, 100, 1900);
        Assert.InRange(refused, 100, 1900);
    }

    [Theory]
    [InlineData(16, 0)]
    [InlineData(64, 0)]
    [InlineData(null, 7)]
    [InlineData(null, 60)]
    [InlineData(null, Height)]
    public void Rows_in_order_are_unpacked_once(int? tile, int strip)
    {
        foreach (var isPlanar in new[] { false, true })
        {
            new BandTiff(Width, Height, Values(4, 8), 4, 8)
            {
                Compression = Compression.LZW,
                IsPlanar = isPlanar,
                TileSide = tile,
                StripRows = strip,
            }.Write(folder["a.tif"]);
            var page = Page("a.tif", new(4, 8));
            using var file = TiffFile.Open(() => System.IO.File.OpenRead(folder["a.tif"]), page, new(4, 8), Side);
            foreach (var top in rule.Starts(Height)) file.Rows(top, top + Side);
            Assert.Equal(Height, file.Unpacked);
        }
    }

    /// <summary>The system counts what is read: looking takes the file once and loading once more, on any number of threads.</summary>
    [SkippableTheory]
    [InlineData(64, 0)]
    [InlineData(null, 16)]
    [InlineData(null, 512)]
    public void A_file_is_read_once_to_look_and_once_to_load(int? tile, int strip)
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        const int side = 512;
        var rng = CounterRandom.For(1, "noise");
        var values = new ushort[side * side];
        for (var i = 0; i < values.Length; i++) values[i] = (ushort)rng.Below(256);
        new BandTiff(side, side, values, 1, 8) { Compression = Compression.LZW, TileSide = tile, StripRows = strip }
            .Write(folder["a.tif"]);
        var length = new FileInfo(folder["a.tif"]).Length;
        var options = new ImageStoreOptions { Pixels = PixelRule.Plain(new(1, 8)), Workers = 4 };
        var source = ImageSource.Open(folder.Path);
        var before = Read();
        var tiles = source.Tiled(new(64, false), options);
        var looked = Read();
        Assert.Equal(64, ImageStore.Load(tiles, options).Count);
        // A directory here and there, and what the process reads beside.
        const long slack = 300_000;
        Assert.InRange(looked - before, length, length * 3 / 2 + slack);
        Assert.InRange(Read() - looked, length, length * 3 / 2 + slack);

        static long Read() => long.Parse(
            System.IO.File.ReadLines("/proc/self/io").First(line => line.StartsWith("rchar", StringComparison.Ordinal)).Split(' ')[1],
            CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Tiles_of_a_turned_picture_are_those_of_the_picture_upright(int orientation)
    {
        foreach (var strip in new[] { 7, Height })
        {
            new BandTiff(Width, Height, Values(3, 8), 3, 8)
            {
                Compression = Compression.ADOBE_DEFLATE,
                StripRows = strip,
                Photometric = Photometric.RGB,
                Orientation = orientation,
            }.Write(folder["a.tif"]);
            // OpenCV turns the whole.
            var whole = ImageFile.Load(folder["a.tif"]);
            Assert.Equal(orientation >= 5 ? (Height, Width) : (Width, Height), (whole.Width, whole.Height));
            MustBeCuts(Tiled(PixelFormat.Rgb), whole, workers: 2);
        }
    }

    [Theory]
    [InlineData(".png")]
    [InlineData(".jpg")]
    [InlineData(".bmp")]
    [InlineData("palette")]
    [InlineData("turned")]
    public void Other_files_are_decoded_whole(string kind)
    {
        var picture = Pictures.Waves(Width, Height);
        folder.Write(
            "a", kind switch
            {
                "palette" => Files.Tiff.Of(
                    true,
                    new Files.Tiff.Page(
                        Width, Height, [.. picture.Pixels.ToArray().Where((_, i) => i % 3 == 0)], (258, [8]), (262, [3]), (277, [1]),
                        (320, [.. Enumerable.Range(0, 768).Select(i => i * 77 % 65536)]))),
                "turned" => Exif.InJpeg(Pictures.Encoded(picture, ".jpg"), Exif.Of(6)),
                _ => Pictures.Encoded(picture, kind),
            });
        folder.Write("list.txt", "a"u8.ToArray());
        var whole = ImageFile.Load(folder["a"]);
        if (kind == "turned") Assert.Equal((Height, Width), (whole.Width, whole.Height));
        MustBeCuts(Tiled(PixelFormat.Rgb, "list.txt"), whole, workers: 3);
    }

    [Theory]
    [InlineData(null, 16)]
    [InlineData(32, 0)]
    public void A_JPEG_in_a_TIFF_is_as_another_decoder_has_it(int? tile, int strip)
    {
        var waves = Pictures.Waves(160, 96);
        new BandTiff(160, 96, Array.ConvertAll(waves.Pixels.ToArray(), value => (ushort)value), 3, 8)
        {
            Compression = Compression.JPEG,
            TileSide = tile,
            StripRows = strip,
            Photometric = Photometric.YCBCR,
        }.Write(folder["a.tif"]);
        var whole = ImageFile.Load(folder["a.tif"]);
        var tiles = Load(Tiled(PixelFormat.Rgb), 2);
        foreach (var (image, box) in Boxed(tiles))
        {
            var expected = Cut(whole, box);
            var differences = image.Pixels.ToArray().Zip(expected, (a, b) => Math.Abs(a - b)).ToArray();
            Assert.InRange(differences.Average(), 0, 1);
            Assert.InRange(differences.Max(), 0, 24);
        }
        // Of one band it is no matter of colours.
        new BandTiff(160, 96, Values(1, 8)[..(160 * 90)].Concat(new ushort[160 * 6]).ToArray(), 1, 8)
        {
            Compression = Compression.JPEG,
            StripRows = 16,
        }.Write(folder["a.tif"]);
        Assert.Equal(12, Tiled(new(1, 8)).Count);
    }

    [Fact]
    public void A_picture_smaller_than_a_tile_is_one()
    {
        folder.Write("a/a.png", Pictures.Encoded(Pictures.Waves(30, 20)));
        folder.Write("b/b.png", Pictures.Encoded(Pictures.Waves(90, 20)));
        var tiles = Tiled(PixelFormat.Rgb);
        Assert.Equal(["a/a.png#0,0,30,20", "b/b.png#0,0,40,20", "b/b.png#40,0,40,20", "b/b.png#50,0,40,20"], tiles.Names);
        Assert.Equal([0, 1, 1, 1], tiles.Labels!);
        Assert.Equal(["a", "b"], tiles.ClassNames);
        Assert.Equal("folder, tiles of 40 with background", tiles.Layout);
    }

    [Fact]
    public void Tiles_are_images_like_others()
    {
        foreach (var name in new[] { "a.png", "b.png" }) folder.Write(name, Pictures.Encoded(Pictures.Waves(Width, Height)));
        folder.Write("c.png", Pictures.Encoded(Pictures.Waves(Width, Height, 3)));
        var (tiles, same, other) = (Tiled(PixelFormat.Rgb), Tiled(PixelFormat.Rgb), Tiled(PixelFormat.Rgb, side: 50));
        Assert.Equal(tiles.Fingerprint, same.Fingerprint);
        Assert.NotEqual(tiles.Fingerprint, other.Fingerprint);
        // A tile is a copy where its picture is one, and it lies in the same place.
        Assert.Equal(Enumerable.Range(12, 12).Select(i => (i, i - 12)), tiles.Copies());
        Assert.Equal(24, tiles.WithoutCopies().Count);
        var sample = tiles.Sample(5, seed: 1);
        var store = Load(sample, 2);
        Assert.Equal(5, store.Count);
        MustBe(store, name => ImageFile.Load(folder[name]));
    }

    [Fact]
    public void What_memory_does_not_hold_is_decoded_again_and_in_any_order()
    {
        var values = Values(3, 8);
        new BandTiff(Width, Height, values, 3, 8)
        {
            Compression = Compression.LZW,
            StripRows = Height,
            Photometric = Photometric.RGB,
        }.Write(folder["a.tif"]);
        var page = Page("a.tif", PixelFormat.Rgb);
        var need = page.Need(Side, PixelFormat.Rgb);
        // Room for one row of tiles at a time, and many who want one.
        var options = Options(PixelFormat.Rgb, 4) with { MemoryBudget = 0, DecodingMemory = (long)(1.5 * need) };
        var store = ImageStore.Load(ImageSource.Open(folder.Path).Tiled(rule, options), options);
        Assert.Equal((12, 0), (store.Count, store.ResidentCount));
        var order = CounterRandom.For(1, "order").Permutation(12);
        var batch = store.Get([.. order, .. order]);
        var whole = new Image(Width, Height, BandTiff.Packed(values, 8));
        for (var i = 0; i < batch.Count; i++)
            Assert.Equal(Cut(whole, Box(store.NameOf(batch.Indices[i]))), batch.Images[i].Pixels.ToArray());
        // Too little for one is a line.
        var little = options with { DecodingMemory = (long)(need / 2) };
        var e = Assert.Throws<UserException>(
            () => ImageStore.Load(ImageSource.Open(folder.Path).Tiled(rule, little), little));
        Assert.Contains("MiB to decode, more than the 0 MiB that there are for it", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cache_holds_tiles_too()
    {
        var values = Values(3, 8);
        new BandTiff(Width, Height, values, 3, 8) { Photometric = Photometric.RGB }.Write(folder["in/a.tif"]);
        var options = Options(PixelFormat.Rgb, 3) with { Cache = folder["cache"] };
        var store = ImageStore.Load(ImageSource.Open(folder["in"]).Tiled(rule, options), options);
        var whole = new Image(Width, Height, BandTiff.Packed(values, 8));
        MustBe(store, _ => whole);
        Assert.Single(Directory.GetFiles(folder["cache"]));
    }

    [Fact]
    public void The_limit_of_pixels_is_that_of_a_row_of_tiles()
    {
        new BandTiff(Width, Height, Values(3, 8), 3, 8) { Photometric = Photometric.RGB }.Write(folder["a.tif"]);
        var limited = Options(PixelFormat.Rgb, 1) with { MaxPixels = Width * Side };
        Assert.Equal(12, ImageStore.Load(ImageSource.Open(folder.Path).Tiled(rule, limited), limited).Count);
        var less = limited with { MaxPixels = Width * Side - 1 };
        var e = Assert.Throws<UserException>(() => ImageStore.Load(ImageSource.Open(folder.Path).Tiled(rule, less), less));
        Assert.Contains("150 x 40 pixels, more than the 5,999 that are allowed", e.Message, StringComparison.Ordinal);
        Assert.Contains(folder["a.tif"], e.Message, StringComparison.Ordinal);
        // What is decoded whole keeps the limit of a whole.
        folder.Write("a.tif", Pictures.Encoded(Pictures.Waves(Width, Height)));
        e = Assert.Throws<UserException>(() => ImageStore.Load(ImageSource.Open(folder.Path).Tiled(rule, limited), limited));
        Assert.Contains("150 x 97 pixels, more than the 6,000 that are allowed", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_that_cannot_be_read_is_told_once_and_left_out()
    {
        new BandTiff(Width, Height, Values(3, 8), 3, 8) { Photometric = Photometric.RGB, Compression = Compression.LZW }
            .Write(folder["a.tif"]);
        // Its directory, at the end, stays whole, and a strip in the middle does not.
        var broken = System.IO.File.ReadAllBytes(folder["a.tif"]);
        broken.AsSpan(broken.Length / 2, 200).Fill(0xFF);
        folder.Write("b.tif", broken);
        folder.Write("c.png", [1, 2, 3]);
        var warnings = new List<string>();
        var tiles = Tiled(PixelFormat.Rgb);
        Assert.Equal(14, tiles.Count);
        Assert.Equal(["b.tif", "c.png"], tiles.Names.Skip(12));
        var store = ImageStore.Load(tiles, Options(PixelFormat.Rgb, 2), warnings.Add);
        Assert.Equal((12, 2), (store.Count, store.UnreadableCount));
        Assert.Equal(
            [
                $"skipped: cannot read the image '{folder["b.tif"]}': the TIFF file is damaged",
                $"skipped: cannot read the image '{folder["c.png"]}': neither a JPEG, PNG, WebP, TIFF, BMP nor GIF",
            ], warnings);
        Assert.Equal(["12 tiles of 1 picture, 0 of background kept"], tiles.Notes);
    }

    [Theory]
    [InlineData(1, 8, 255)]
    [InlineData(3, 8, 240)]
    [InlineData(3, 16, 65535)]
    // A camera of 12 bits.
    [InlineData(4, 16, 4095)]
    public void Background_is_left_out_and_what_differs_a_little_is_not(int bands, int bits, int white)
    {
        // Four tiles across: plain with a little noise; a spot of less than a hundredth; of more; and a slope.
        const int side = 100;
        var values = new ushort[4 * side * side * bands];
        var rng = CounterRandom.For((ulong)bits, "slide");
        var (noise, darker) = (white / 64, white / 3);
        for (var i = 0; i < values.Length; i++)
        {
            var (x, y, band) = (i / bands % (4 * side), i / bands / (4 * side), i % bands);
            var value = white - (int)rng.Below(noise);
            var spot = x / side == 1 ? 9 : x / side == 2 ? 11 : 0;
            // In the last band alone.
            if (band == bands - 1 && x % side < spot && y < spot) value -= darker;
            if (x / side == 3) value -= white * y / side / 8;
            values[i] = (ushort)value;
        }
        new BandTiff(4 * side, side, values, bands, bits) { Photometric = bands == 3 ? Photometric.RGB : Photometric.MINISBLACK }
            .Write(folder["a.tif"]);
        var options = Options(new(bands, bits), 1);
        var source = ImageSource.Open(folder.Path);
        var tiles = source.Tiled(new(side, false), options);
        Assert.Equal(["a.tif#200,0,100,100", "a.tif#300,0,100,100"], tiles.Names);
        Assert.Equal(["4 tiles of 1 picture, 2 of background left out"], tiles.Notes);
        Assert.Equal(4, source.Tiled(new(side, true), options).Count);
    }

    [Fact]
    public void Nothing_but_background_is_refused()
    {
        folder.Write("a.png", Pictures.Encoded(new Image(90, 90, Enumerable.Repeat((byte)230, 3 * 90 * 90).ToArray())));
        var e = Assert.Throws<UserException>(() => ImageSource.Open(folder.Path).Tiled(new(40, false), Options(PixelFormat.Rgb, 1)));
        Assert.Equal(
            $"{folder.Path}: 9 tiles of 40 pixels, all of background; give larger --tiles, or --tile-background keep", e.Message);
        folder.Write("data_batch_1.bin", new byte[3073]);
        e = Assert.Throws<UserException>(() => ImageSource.Open(folder.Path).Tiled(rule, Options(PixelFormat.Rgb, 1)));
        Assert.Contains("leave --tiles away", e.Message, StringComparison.Ordinal);
    }

    public static TheoryData<Compression, bool, int?> Damaged()
    {
        var kinds = new TheoryData<Compression, bool, int?>();
        foreach (var compression in new[]
        {
            Compression.NONE, Compression.LZW, Compression.ADOBE_DEFLATE, Compression.PACKBITS, Compression.JPEG,
        })
            foreach (var isPlanar in new[] { false, true })
                foreach (var tile in new int?[] { null, 16 }) kinds.Add(compression, isPlanar, tile);
        return kinds;
    }

    [Theory]
    [MemberData(nameof(Damaged))]
    public void A_damaged_TIFF_is_tiles_or_one_line(Compression compression, bool isPlanar, int? tile)
    {
        new BandTiff(64, 48, [.. Pictures.Waves(64, 48).Pixels.ToArray().Select(value => (ushort)value)], 3, 8)
        {
            Compression = compression,
            IsPlanar = isPlanar,
            TileSide = tile,
            StripRows = 16,
            IsDifferenced = compression == Compression.ADOBE_DEFLATE,
            Photometric = compression == Compression.JPEG && !isPlanar ? Photometric.YCBCR : Photometric.RGB,
        }.Write(folder["a.tif"]);
        var whole = System.IO.File.ReadAllBytes(folder["a.tif"]);
        var directory = (int)BinaryPrimitives.ReadUInt32LittleEndian(whole.AsSpan(4));
        var options = Options(PixelFormat.Rgb, 2) with { DecodingMemory = 32 << 20, MaxPixels = 1 << 22 };
        var rng = CounterRandom.For(7, $"{compression} {isPlanar} {tile}");
        var (decoded, refused) = (0, 0);
        var error = Console.Error;
        using var said = new StringWriter();
        Console.SetError(said);
        try
        {
            var run = Task.Run(() => PeakMemory.Of(() =>
            {
                for (var trial = 0; trial < 250; trial++)
                {
                    var broken = whole[..(trial % 5 == 0 ? (int)rng.Below(whole.Length) : whole.Length)];
                    // Half of the lies are in the directory, where they do most harm.
                    for (var flips = trial % 5 == 0 ? 0 : rng.Below(3) + 1; flips > 0; flips--)
                    {
                        var place = rng.Chance(0.5) ? directory + rng.Below(whole.Length - directory) : rng.Below(whole.Length);
                        broken[place] ^= (byte)(1 << (int)rng.Below(8));
                    }
                    folder.Write("a.tif", broken);
                    try
                    {
                        var store = ImageStore.Load(ImageSource.Open(folder.Path).Tiled(new(32, true), options), options);
                        Assert.All(
                            store.Get([.. Enumerable.Range(0, store.Count)]).Images, image => Assert.NotEqual(0, image.Pixels.Length));
                        decoded++;
                    }
                    catch (UserException e)
                    {
                        Assert.Contains("a.tif", e.Message, StringComparison.Ordinal);
                        Assert.DoesNotContain('\n', e.Message);
                        refused++;
                    }
                }
            }));
            Assert.True(run.Wait(TimeSpan.FromMinutes(2)), "hangs");
            if (run.Result is { } peak) Assert.InRange(peak, 0, 160 << 20);
        }
        finally
        {
            Console.SetError(error);
        }
        Assert.Equal("", said.ToString());
        Assert.Equal(250, decoded + refused);
        Assert.True(decoded > 5 && refused > 60, $"{decoded} decoded, {refused} refused");
    }

    [Theory]
    [InlineData("fields")]
    [InlineData("twice")]
    [InlineData("parts")]
    public void A_directory_that_asks_for_gigabytes_is_refused_before(string kind)
    {
        new BandTiff(Width, Height, Values(4, 8), 4, 8) { Compression = Compression.LZW }.Write(folder["a.tif"]);
        var file = System.IO.File.ReadAllBytes(folder["a.tif"]);
        var directory = (int)BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(4));
        for (var entry = directory + 2; ; entry += 12)
        {
            var tag = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(entry));
            if (tag == 282 && kind == "fields" || tag == 274 && kind == "fields")
            {
                // A text of two gigabytes.
                BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(entry), 270);
                BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(entry + 2), 2);
                BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(entry + 4), int.MaxValue);
                break;
            }
            if (tag == 257 && kind == "twice")
            {
                BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(entry), 256);
                break;
            }
            if (tag == 257 && kind == "parts")
            {
                BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(entry + 2), 4);
                BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(entry + 8), 80_000_000);
                break;
            }
        }
        folder.Write("a.tif", file);
        var options = Options(new(4, 8), 1);
        UserException? e = null;
        var peak = PeakMemory.Of(
            () => e = Assert.Throws<UserException>(() => ImageStore.Load(ImageSource.Open(folder.Path).Tiled(rule, options), options)));
        Assert.Matches("the TIFF file (is (damaged|truncated)|holds no picture)", e!.Message);
        if (peak is { } bytes) Assert.InRange(bytes, 0, 20 << 20);
    }

    private static ImageStoreOptions Options(PixelFormat format, int workers) => new()
    {
        Canvas = int.MaxValue,
        Pixels = PixelRule.Plain(format),
        Workers = workers,
    };

    /// <summary>Writes noise as it is to be stored, and gives the whole.</summary>
    /// <param name="isBig">Whether the high byte is first.</param>
    private Image Write(
        string name, int bands, int bits, Compression compression, bool isPlanar, int? tile, int strip, bool isBig = false)
    {
        var values = Values(bands, bits);
        new BandTiff(Width, Height, values, bands, bits)
        {
            Compression = compression,
            IsPlanar = isPlanar,
            TileSide = tile,
            StripRows = strip,
            Photometric = bands == 3 ? Photometric.RGB : Photometric.MINISBLACK,
            // As in BandsTests: of 16 bits with the high byte first this writer takes the differences of swapped numbers.
            IsDifferenced = compression == Compression.LZW && !(bits == 16 && isBig),
            IsBig = isBig,
        }.Write(folder[name]);
        return new(Width, Height, BandTiff.Packed(values, bits)) { Format = new(bands, bits) };
    }

    /// <summary>OpenCV rounds 16 bits, and refuses tiles of one band, and small ones as they are.</summary>
    private static bool OpenCvReads(int bands, int bits, Compression compression, bool isPlanar, int? tile) =>
        bands == 3 && bits == 8 && !(tile is not null && (isPlanar || compression == Compression.NONE));

    private ImageSource Tiled(PixelFormat format, string name = "", int side = Side) =>
        ImageSource.Open(folder[name]).Tiled(rule with { Side = side }, Options(format, 2));

    private static ImageStore Load(ImageSource tiles, int workers, PixelFormat? format = null) =>
        ImageStore.Load(tiles, Options(format ?? PixelFormat.Rgb, workers));

    private TiffPage Page(string name, PixelFormat format)
    {
        var file = System.IO.File.ReadAllBytes(folder[name]);
        return TiffPage.Of(new(new(file, file.Length)), file.Length, format);
    }

    /// <summary>Each tile is the rectangle of the whole that its name says, and every pixel is in one.</summary>
    private static void MustBeCuts(ImageSource tiles, Image whole, int workers)
    {
        var store = Load(tiles, workers, whole.Format);
        MustBe(store, _ => whole);
        var covered = new bool[whole.Width * whole.Height];
        foreach (var (_, box) in Boxed(store))
            for (var y = 0; y < box.Height; y++) covered.AsSpan((box.Top + y) * whole.Width + box.Left, box.Width).Fill(true);
        Assert.DoesNotContain(false, covered);
    }

    private static void MustBe(ImageStore store, Func<string, Image> whole)
    {
        for (var i = 0; i < store.Count; i++)
        {
            var (image, name) = (store.Get([i]).Images[0], store.NameOf(i));
            Assert.Equal(Cut(whole(name[..name.IndexOf('#', StringComparison.Ordinal)]), Box(name)), image.Pixels.ToArray());
        }
    }

    private static IEnumerable<(Image Image, PixelBox Box)> Boxed(ImageStore store) =>
        Enumerable.Range(0, store.Count).Select(i => (store.Get([i]).Images[0], Box(store.NameOf(i))));

    private static PixelBox Box(string name)
    {
        var numbers = Array.ConvertAll(name[(name.IndexOf('#', StringComparison.Ordinal) + 1)..].Split(','), int.Parse);
        Assert.Equal(4, numbers.Length);
        return new(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    private static byte[] Cut(Image whole, PixelBox box)
    {
        var (pixels, size) = (whole.Pixels.ToArray(), whole.Format.Bytes);
        return
        [
            .. Enumerable.Range(box.Top, box.Height)
                .SelectMany(y => pixels[(size * (y * whole.Width + box.Left))..(size * (y * whole.Width + box.Left + box.Width))]),
        ];
    }

    /// <summary>Smooth with jumps and noise, so that every packing has runs and none is all runs.</summary>
    private static ushort[] Values(int bands, int bits)
    {
        var (values, rng) = (new ushort[bands * Width * Height], CounterRandom.For(5, "tiles"));
        for (var i = 0; i < values.Length; i++)
        {
            var (x, y, band) = (i / bands % Width, i / bands / Width, i % bands);
            var level = y % 7 == 0 ? 40000 : x < 9 ? 0 : 300 * x + 200 * y + 3000 * band + (int)rng.Below(2000);
            values[i] = (ushort)(bits == 8 ? (level >> 8) & 255 : level & 65535);
        }
        return values;
    }
}
