namespace DataSsl.Runtime.Data;

/// <summary>
/// How the first page of a TIFF stores its samples, of which a picture is read a few rows at a time: unsigned, of 8 or 16 bits, in strips
/// or tiles, pixel by pixel or band by band (TIFF 6.0, sections 3, 8, 15 and 22).
/// </summary>
/// <param name="Width">Columns as stored.</param>
/// <param name="Height">Rows as stored.</param>
/// <param name="Samples">Of each pixel.</param>
/// <param name="Size">Bytes of a sample.</param>
/// <param name="IsTiled">Whether parts are tiles, which are whole where the picture ends; strips end with it.</param>
/// <param name="IsPlanar">Whether a part is of one band.</param>
/// <param name="Columns">Of a part.</param>
/// <param name="Rows">Of a part.</param>
/// <param name="LargestPart">Bytes of the longest part as it is packed.</param>
/// <param name="Compression">TIFF's number of the packing.</param>
/// <param name="Photometric">What samples are.</param>
/// <param name="Orientation">As <see cref="Data.Orientation"/> counts.</param>
internal sealed record TiffPage(
    int Width, int Height, int Samples, int Size, bool IsTiled, bool IsPlanar, int Columns, int Rows, long LargestPart, long Compression,
    long Photometric, int Orientation)
{
    private const int MinIsWhite = 0, MinIsBlack = 1, Colours = 2, Inks = 5, Luminance = 6;
    private const int Plain = 1, Lzw = 5, Jpeg = 7, Deflate = 8, OldDeflate = 32946, PackBits = 32773;

    /// <summary>Whether the largest value is black.</summary>
    public bool IsInverted => Photometric == MinIsWhite;

    /// <summary>Whether there is one band, which red, green and blue are alike of.</summary>
    public bool IsGrey => Photometric is MinIsWhite or MinIsBlack;

    /// <summary>Whether the JPEG decoder is to turn brightness and two differences into red, green and blue.</summary>
    public bool IsLuminance => Photometric == Luminance;

    /// <summary>Samples of a pixel that lie side by side in a part.</summary>
    public int Each => IsPlanar ? 1 : Samples;

    /// <summary>Bytes that reading takes, so many rows at a time.</summary>
    /// <param name="rows">Of the picture.</param>
    /// <param name="format">What a pixel becomes.</param>
    public double Need(int rows, PixelFormat format)
    {
        const int aboutAlways = 1 << 20, coefficients = 2, unpacked = 2;
        var readers = IsPlanar && !IsTiled ? Samples : 1;
        // A strip comes line by line. JPEG has all coefficients of a part at once where it has several scans.
        var part = (double)Columns * Each * (IsTiled || Compression == Jpeg ? Rows : 1);
        return aboutAlways + (double)Width * Math.Min(Height, rows + (IsTiled ? Rows - 1 : 0)) * format.Bytes
            + readers * (LargestPart + part * (unpacked * Size + (Compression == Jpeg ? coefficients : 0)));
    }

    /// <summary>
    /// Whether pictures of red, green and blue can be read from a page in this way: there are palettes and other rules of colour besides,
    /// which OpenCV knows.
    /// </summary>
    public static bool HasColours(TiffDirectory directory)
    {
        var samples = directory.First(TiffTag.SamplesPerPixel) ?? 1;
        return IsOfBytes(directory) && IsPacked(directory) && Differences(directory) is 1 or 2
            && (directory.First(TiffTag.Photometric) ?? MinIsBlack) switch
            {
                MinIsWhite or MinIsBlack => samples == 1 || samples == 2 && HasAlpha(directory),
                Colours => samples == 3 || samples == 4 && HasAlpha(directory),
                Luminance => samples == 3 && directory.First(TiffTag.Compression) == Jpeg
                    && directory.First(TiffTag.PlanarConfiguration) is null or 1,
                _ => false,
            };
    }

    /// <summary>The first page of a file.</summary>
    /// <param name="directory">Its fields.</param>
    /// <param name="length">Bytes of the file.</param>
    /// <param name="format">What a pixel is to become.</param>
    /// <exception cref="InvalidDataException">It is damaged, of a kind that is not read, or of other bands.</exception>
    public static TiffPage Of(TiffDirectory directory, long length, PixelFormat format)
    {
        var isOfColours = format.Bands == 3 && HasColours(directory);
        var samples = directory.First(TiffTag.SamplesPerPixel) ?? 1;
        if (!isOfColours) MustBeBands(directory, samples, format.Bands);
        directory.MustBePlain();
        var (width, height) = (directory.First(TiffTag.Width) ?? 0, directory.First(TiffTag.Height) ?? 0);
        var isTiled = directory.First(TiffTag.TileWidth) is not null;
        var (columns, rows) = isTiled
            ? (directory.First(TiffTag.TileWidth) ?? 0, directory.First(TiffTag.TileHeight) ?? 0)
            : (width, Math.Min(height, directory.First(TiffTag.RowsPerStrip) ?? height));
        var size = (int)(directory.First(TiffTag.BitsPerSample) ?? 8) / 8;
        const int byBand = 2;
        var isPlanar = samples > 1 && directory.First(TiffTag.PlanarConfiguration) == byBand;
        var each = isPlanar ? 1 : samples;
        if (width is < 1 or > int.MaxValue || height is < 1 or > int.MaxValue || columns < 1 || rows < 1
            || (double)columns * (isTiled ? rows : 1) * each * size > Array.MaxLength)
            throw ImageHeader.Damaged(ImageFormat.Tiff);
        var page = new TiffPage(
            (int)width, (int)height, (int)samples, size, isTiled, isPlanar, (int)columns, (int)rows, 0,
            directory.First(TiffTag.Compression) ?? Plain, directory.First(TiffTag.Photometric) ?? MinIsBlack,
            (int)(directory.First(TiffTag.Orientation) ?? 1));
        return page with { LargestPart = page.Largest(directory, length) };
    }

    /// <summary>Bytes of the longest part, if all of them are there.</summary>
    private long Largest(TiffDirectory directory, long length)
    {
        var offsets = directory.All(IsTiled ? TiffTag.TileOffsets : TiffTag.StripOffsets);
        var counts = directory.All(IsTiled ? TiffTag.TileByteCounts : TiffTag.StripByteCounts);
        var down = (Height - 1) / Rows + 1;
        var parts = ((long)(Width - 1) / Columns + 1) * down * (IsPlanar ? Samples : 1);
        if (offsets.Length < parts || counts.Length < parts) throw ImageHeader.Truncated(ImageFormat.Tiff);
        for (var i = 0; i < parts; i++)
        {
            // A strip ends with the picture, a tile is whole.
            var lines = IsTiled ? Rows : Math.Min(Rows, Height - i % down * Rows);
            var least = Compression == Plain ? (double)Columns * lines * Each * Size : 1;
            if (counts[i] < least || offsets[i] + counts[i] > length) throw ImageHeader.Truncated(ImageFormat.Tiff);
        }
        return counts.Max();
    }

    private static void MustBeBands(TiffDirectory directory, long samples, int wanted)
    {
        if (!IsOfBytes(directory))
            throw new InvalidDataException(
                $"a TIFF of {string.Join(", ", directory.All(TiffTag.BitsPerSample).Distinct())} bits a band; in bands that are no colours 8 or 16 bits without a sign are read");
        var photometric = directory.First(TiffTag.Photometric) ?? MinIsBlack;
        if (photometric is not (MinIsWhite or MinIsBlack or Colours or Inks))
            throw new InvalidDataException($"a TIFF of colours by a rule ({photometric}), which are no bands; give one of grey or of plain bands");
        // Transparency is no band unless as many are wanted.
        if (samples != wanted && !(HasAlpha(directory) && samples == wanted + 1)) throw ImageHeader.Bands("TIFF", (int)samples, wanted);
        if (!IsPacked(directory))
            throw new InvalidDataException(
                $"a TIFF of compression {directory.First(TiffTag.Compression)}; in bands that are no colours none, LZW, Deflate, PackBits and JPEG are read");
        if (Differences(directory) is not (1 or 2))
            throw new InvalidDataException($"a TIFF of predictor {Differences(directory)}; differences of neighbours (2) are read");
    }

    private static bool IsOfBytes(TiffDirectory directory)
    {
        const int unsigned = 1;
        var bits = directory.All(TiffTag.BitsPerSample);
        return bits is [8 or 16, ..] && bits.All(b => b == bits[0])
            && directory.All(TiffTag.SampleFormat).All(kind => kind == unsigned);
    }

    private static bool IsPacked(TiffDirectory directory) =>
        (directory.First(TiffTag.Compression) ?? Plain) is Plain or Lzw or Jpeg or Deflate or OldDeflate or PackBits;

    /// <summary>The rule by which what is packed is differences; of other packings than these the field says nothing.</summary>
    private static long Differences(TiffDirectory directory) =>
        directory.First(TiffTag.Compression) is Lzw or Deflate or OldDeflate ? directory.First(TiffTag.Predictor) ?? 1 : 1;

    private static bool HasAlpha(TiffDirectory directory) => directory.All(TiffTag.ExtraSamples).LastOrDefault() is 1 or 2;
}
