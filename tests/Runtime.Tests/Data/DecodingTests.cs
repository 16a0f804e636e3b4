using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Tests.Data;

/// <summary>Every kind of JPEG, PNG, WebP, TIFF and BMP decodes to the pixels that Pillow sees.</summary>
public sealed class DecodingTests(DecodingTests.Corpus corpus) : IClassFixture<DecodingTests.Corpus>
{
    // Each picture is written with the RGB bytes that it must decode to beside it.
    private const string Script = """
        from PIL import Image, ImageOps
        import numpy as np
        y, x = np.mgrid[0:37, 0:53]
        rgb = np.stack([128 + 100 * np.sin(x / 9), 128 + 100 * np.cos(y / 7), (3 * x + 2 * y) % 256], -1).astype(np.uint8)
        image = Image.fromarray(rgb)
        def expect(name, wanted):
            open(name + '.rgb', 'wb').write(np.ascontiguousarray(wanted, dtype=np.uint8).tobytes())
        def save(name, picture, wanted=None, **options):
            picture.save(name, **options)
            expect(name, np.asarray(ImageOps.exif_transpose(Image.open(name)).convert('RGB')) if wanted is None else wanted)
        save('rgb.png', image)
        save('grey.png', image.convert('L'))
        save('bilevel.png', image.convert('1'))
        save('palette.png', image.quantize(16))
        alpha = image.copy(); alpha.putalpha(Image.fromarray((x * 4 % 256).astype(np.uint8)))
        save('alpha.png', alpha)
        save('grey-alpha.png', alpha.convert('LA'))
        sixteen = (rgb[..., 0].astype(np.int32) * 257 + 13).clip(0, 65535)
        save('grey16.png', Image.fromarray(sixteen.astype(np.uint16)), np.repeat((sixteen >> 8)[..., None], 3, -1))
        save('baseline.jpg', image, quality=90)
        save('progressive.jpg', image, quality=90, progressive=True)
        save('grey.jpg', image.convert('L'), quality=90)
        save('full-chroma.jpg', image, quality=95, subsampling=0)
        save('cmyk.jpg', image.convert('CMYK'), quality=95)
        for value in range(1, 9):
            exif = Image.Exif(); exif[0x0112] = value
            save(f'turned{value}.jpg', image, exif=exif)
        save('lossless.webp', image, lossless=True)
        save('lossy.webp', image, quality=80)
        opaque = image.copy(); opaque.putalpha(Image.fromarray((x * 4 % 200 + 55).astype(np.uint8)))
        save('alpha.webp', opaque, lossless=True)
        for compression in (None, 'tiff_lzw', 'tiff_adobe_deflate', 'packbits'): save(f'{compression}.tif', image, compression=compression)
        save('grey.tif', image.convert('L'))
        save('bilevel.tif', image.convert('1'), compression='group4')
        save('palette.tif', image.quantize(16))
        save('alpha.tif', opaque)
        save('cmyk.tiff', image.convert('CMYK'), rgb)
        save('grey16.tif', Image.fromarray(sixteen.astype(np.uint16)), np.repeat((sixteen >> 8)[..., None], 3, -1))
        import struct
        def rgb16(name, order, mark):
            wide = (rgb.astype(np.uint16) * 257).astype(order + 'u2').tobytes()
            entries = [(256, 3, 1, 53), (257, 3, 1, 37), (258, 3, 3, 8), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, 1, 14), (277, 3, 1, 3), (278, 3, 1, 37),
                       (279, 4, 1, len(wide))]
            directory = struct.pack(order + 'H', len(entries))
            for tag, kind, count, value in entries:
                packed = struct.pack(order + 'HH', value, 0) if kind == 3 and count == 1 else struct.pack(order + 'I', value)
                directory += struct.pack(order + 'HHI', tag, kind, count) + packed
            head = mark + struct.pack(order + 'HI', 42, 14 + len(wide)) + struct.pack(order + 'HHH', 16, 16, 16)
            open(name, 'wb').write(head + wide + directory + struct.pack(order + 'I', 0))
            expect(name, rgb)
        rgb16('little16.tif', '<', b'II'); rgb16('big16.tif', '>', b'MM')
        save('rgb.bmp', image)
        save('grey.bmp', image.convert('L'))
        save('palette.bmp', image.quantize(16))
        save('bilevel.bmp', image.convert('1'))
        save('alpha.bmp', opaque)
        def bmp(name, bits, masks, pixels, height=-37):
            extra = struct.pack('<III', *masks) if masks else b''
            row = (53 * bits // 8 + 3) // 4 * 4
            body = b''.join(line.tobytes().ljust(row, b'?') for line in pixels)
            open(name, 'wb').write(b'BM' + struct.pack('<IHHI', 54 + len(extra) + len(body), 0, 0, 54 + len(extra))
                + struct.pack('<IiiHHIIiiII', 40, 53, height, 1, bits, 3 if masks else 0, len(body), 0, 0, 0, 0) + extra + body)
        five = rgb.astype(np.uint32) >> 3
        bmp('masks565.bmp', 16, (0xF800, 0x7E0, 0x1F), ((five[..., 0] << 11) | (rgb[..., 1].astype(np.uint32) >> 2 << 5) | five[..., 2]).astype('<u2'))
        expect('masks565.bmp', np.asarray(Image.open('masks565.bmp').convert('RGB')))
        bmp('top555.bmp', 16, None, ((five[..., 0] << 10) | (five[..., 1] << 5) | five[..., 2]).astype('<u2'))
        expect('top555.bmp', np.asarray(Image.open('top555.bmp').convert('RGB')))
        for kind in ('webp', 'tif'):
            exif = Image.Exif(); exif[0x0112] = 6
            image.save(f'turned6.{kind}', exif=exif, **({'lossless': True} if kind == 'webp' else {}))
            expect(f'turned6.{kind}', np.rot90(rgb, -1))
        image.save('jpeg-in-disguise.png', format='JPEG'); expect('jpeg-in-disguise.png', np.asarray(Image.open('jpeg-in-disguise.png')))
        """;

    public static TheoryData<string, int> Files()
    {
        var data = new TheoryData<string, int>();
        foreach (var name in new[] { "rgb.png", "grey.png", "bilevel.png", "palette.png", "alpha.png", "grey-alpha.png", "grey16.png" }) data.Add(name, 0);
        foreach (var name in new[] { "baseline.jpg", "progressive.jpg", "grey.jpg", "full-chroma.jpg", "cmyk.jpg", "jpeg-in-disguise.png" }) data.Add(name, 1);
        foreach (var name in new[] { "lossless.webp", "alpha.webp", "turned6.webp" }) data.Add(name, 0);
        data.Add("lossy.webp", 1);
        foreach (var name in new[] { "None", "tiff_lzw", "tiff_adobe_deflate", "packbits", "grey", "bilevel", "palette", "alpha", "turned6" }) data.Add(name + ".tif", 0);
        foreach (var name in new[] { "cmyk.tiff", "grey16.tif", "little16.tif", "big16.tif" }) data.Add(name, 1);
        foreach (var name in new[] { "rgb.bmp", "grey.bmp", "palette.bmp", "bilevel.bmp", "alpha.bmp", "masks565.bmp", "top555.bmp" }) data.Add(name, 0);
        for (var value = 1; value <= 8; value++) data.Add($"turned{value}.jpg", 1);
        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Files))]
    public void Decodes_to_what_Pillow_sees(string name, int tolerance)
    {
        var folder = corpus.Folder;
        var wanted = File.ReadAllBytes(folder[name + ".rgb"]);
        var image = ImageFile.Load(folder[name]);
        var turned = name.StartsWith("turned", StringComparison.Ordinal) && name[6] >= '5';
        Assert.Equal(turned ? (37, 53) : (53, 37), (image.Width, image.Height));
        Assert.Equal(wanted.Length, image.Rgb.Length);
        var worst = wanted.Zip(image.Rgb.ToArray(), (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= tolerance, $"{name}: differs by {worst} levels");
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
        var image = NativeImages.Decode(Pictures.Encoded(Pictures.Waves(400, 300), jpeg: true), minShortSide);
        Assert.Equal((width, height), (image.Width, image.Height));
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

    public sealed class Corpus : IDisposable
    {
        private readonly TemporaryFolder folder = new();
        private bool written;

        public TemporaryFolder Folder
        {
            get
            {
                if (!written) Peer.Run(Script, folder.Path);
                written = true;
                return folder;
            }
        }

        public void Dispose() => folder.Dispose();
    }
}
