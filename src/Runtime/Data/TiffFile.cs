using System.Runtime.InteropServices;
using LibTiff = BitMiracle.LibTiff.Classic;

namespace DataSsl.Runtime.Data;

/// <summary>
/// The first page of a TIFF, read a few rows at a time by LibTiff.NET: what is packed as it is, by LZW, Deflate, PackBits or JPEG. Rows
/// that follow each other are unpacked once, whatever the strips or tiles are that they lie in.
/// </summary>
/// <remarks>One thread at a time. After an exception it is of no more use.</remarks>
internal sealed class TiffFile : IDisposable
{
    private readonly TiffPage page;
    private readonly PixelFormat format;
    private readonly LibTiff.Tiff[] readers;
    private readonly byte[] window, part;
    private readonly int stripRows;

    // The rows that the window holds, and the line that comes next of strips.
    private int from, until, next;

    private TiffFile(Func<Stream> open, TiffPage page, PixelFormat format, int rows)
    {
        (this.page, this.format) = (page, format);
        var lines = Math.Min(page.Height, rows + (page.IsTiled ? page.Rows - 1L : 0));
        if ((double)format.Bytes * page.Width * lines > Array.MaxLength)
            throw new InvalidDataException($"{page.Width} x {lines} pixels of {format}, more than memory holds in one piece");
        // Strips of a band are unpacked line by line, so each band has its own place in them.
        readers = new LibTiff.Tiff[page.IsPlanar && !page.IsTiled ? page.Samples : 1];
        try
        {
            for (var i = 0; i < readers.Length; i++) readers[i] = Reader(ClassicTiff.Of(open()));
            stripRows = page.IsTiled ? 0 : StripRows();
        }
        catch
        {
            Dispose();
            throw;
        }
        window = new byte[Line * lines];
        part = new byte[page.Columns * page.Each * page.Size * (page.IsTiled ? page.Rows : 1)];
    }

    private int Line => format.Bytes * page.Width;

    /// <summary>Rows that were unpacked so far: all of the page's once where they are asked for in order, more otherwise.</summary>
    public long Unpacked { get; private set; }

    /// <summary>Opens a file to read from any row of it.</summary>
    /// <param name="open">The file from its beginning; each result is disposed with this.</param>
    /// <param name="page">What its directory says.</param>
    /// <param name="format">What a pixel becomes. Of a page of one band red, green and blue are alike; of more bands than are wanted the
    /// last, a transparency, is dropped.</param>
    /// <param name="rows">How many are asked for at once, at the most.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static TiffFile Open(Func<Stream> open, TiffPage page, PixelFormat format, int rows) => new(open, page, format, rows);

    /// <summary>Some rows as stored, to be used until the next call.</summary>
    /// <param name="top">The first.</param>
    /// <param name="bottom">Behind the last.</param>
    /// <exception cref="InvalidDataException">The file is cut short or damaged.</exception>
    public ReadOnlyMemory<byte> Rows(int top, int bottom)
    {
        if (top < from || top > until) (from, until) = (top, top);
        window.AsSpan(Line * (top - from), Line * (until - top)).CopyTo(window);
        from = top;
        while (until < bottom)
        {
            if (page.IsTiled) ReadTiles();
            else ReadLine();
        }
        return window.AsMemory(0, Line * (bottom - top));
    }

    public void Dispose()
    {
        foreach (var reader in readers) reader?.Dispose();
    }

    /// <summary>The row of tiles that the next line lies in.</summary>
    private void ReadTiles()
    {
        var (first, across) = (until / page.Rows, (page.Width - 1) / page.Columns + 1);
        var perBand = across * ((page.Height - 1) / page.Rows + 1);
        var bottom = (int)Math.Min(page.Height, (first + 1L) * page.Rows);
        var stride = page.Columns * page.Each * page.Size;
        for (var band = 0; band < page.Samples / page.Each; band++)
            for (var column = 0; column < across; column++)
            {
                var (tile, left) = (band * perBand + first * across + column, column * page.Columns);
                Read(() => readers[0].ReadEncodedTile(tile, part, 0, part.Length) == part.Length);
                for (var y = until; y < bottom; y++)
                    Place(part.AsSpan(stride * (y - first * page.Rows), stride), band, y, left);
            }
        Unpacked += bottom - (long)first * page.Rows;
        until = bottom;
    }

    /// <summary>The next line; its strip is unpacked from the beginning where the line before was not the last one.</summary>
    private void ReadLine()
    {
        var start = until - until % stripRows;
        if (next > until || next < start) next = start;
        for (; next <= until; next++, Unpacked++)
            for (var band = 0; band < readers.Length; band++)
            {
                var reader = readers[band];
                Read(() => reader.ReadScanline(part, next, (short)band));
                if (next == until) Place(part, band, until, 0);
            }
        until++;
    }

    /// <summary>Puts the samples of a line in their places, in as many bits as are wanted.</summary>
    private void Place(ReadOnlySpan<byte> values, int first, int row, int left)
    {
        var each = page.Each;
        var count = Math.Min(page.Columns, page.Width - left);
        var pixels = window.AsSpan(Line * (row - from) + format.Bytes * left, format.Bytes * count);
        if (each == format.Bands && 8 * page.Size == format.Bits && !page.IsInverted)
        {
            values[..pixels.Length].CopyTo(pixels);
            return;
        }
        var (copies, isDeep) = (page.IsGrey && format.Bands == 3 ? 3 : 1, page.Size == 2);
        var deep = isDeep ? MemoryMarshal.Cast<byte, ushort>(values) : default;
        var wanted = format.Bits == 16 ? MemoryMarshal.Cast<byte, ushort>(pixels) : default;
        for (var x = 0; x < count; x++)
            for (var band = first; band < first + each && copies * band < format.Bands; band++)
            {
                var value = isDeep ? deep[x * each + band - first] : values[x * each + band - first] * 257;
                if (page.IsInverted) value = ushort.MaxValue - value;
                for (var to = x * format.Bands + copies * band; to < x * format.Bands + copies * (band + 1); to++)
                {
                    if (format.Bits == 16) wanted[to] = (ushort)value;
                    else pixels[to] = (byte)(value >> 8);
                }
            }
    }

    private LibTiff.Tiff Reader(Stream stream)
    {
        LibTiff.Tiff? reader = null;
        try
        {
            Read(() => (reader = LibTiff.Tiff.ClientOpen("", "r", stream, new LibTiff.TiffStream())) is not null, mayComplain: true);
            if (page.IsLuminance) reader!.SetField(LibTiff.TiffTag.JPEGCOLORMODE, LibTiff.JpegColorMode.RGB);
            MustAgree(reader!);
            return reader!;
        }
        catch
        {
            // A reader closes its stream.
            if (reader is null) stream.Dispose();
            else reader.Dispose();
            throw;
        }
    }

    /// <summary>What was found good before memory is spent is what the library reads by.</summary>
    private void MustAgree(LibTiff.Tiff reader)
    {
        var (lines, isAgreed) = (page.IsTiled ? page.Rows : 1, false);
        Read(() =>
        {
            isAgreed = Field(LibTiff.TiffTag.IMAGEWIDTH) == page.Width && Field(LibTiff.TiffTag.IMAGELENGTH) == page.Height
                && Field(LibTiff.TiffTag.SAMPLESPERPIXEL) == page.Samples && Field(LibTiff.TiffTag.BITSPERSAMPLE) == 8 * page.Size
                && Field(LibTiff.TiffTag.COMPRESSION) == page.Compression && reader.IsTiled() == page.IsTiled
                && (page.Samples == 1 || Field(LibTiff.TiffTag.PLANARCONFIG) == (page.IsPlanar ? 2 : 1))
                && (page.IsTiled
                    ? Field(LibTiff.TiffTag.TILEWIDTH) == page.Columns && Field(LibTiff.TiffTag.TILELENGTH) == page.Rows
                        && reader.TileSize() == page.Columns * page.Each * page.Size * lines
                    : reader.ScanlineSize() == page.Columns * page.Each * page.Size);
            return true;
        }, mayComplain: true);
        if (!isAgreed) throw ImageHeader.Damaged(ImageFormat.Tiff);

        int Field(LibTiff.TiffTag tag) => reader.GetFieldDefaulted(tag)?[0].ToInt() ?? 0;
    }

    /// <summary>Rows of a strip; the library makes many of one that is not packed.</summary>
    private int StripRows()
    {
        var rows = readers[0].GetFieldDefaulted(LibTiff.TiffTag.ROWSPERSTRIP)?[0].ToInt() ?? 0;
        return rows <= 0 ? page.Height : Math.Min(rows, page.Height);
    }

    /// <summary>Has the library read. Of damaged files it complains, or runs into what it did not expect.</summary>
    /// <param name="read">False for none.</param>
    /// <param name="mayComplain">Whether it is said by the result alone that something is of no use.</param>
    /// <exception cref="InvalidDataException">The file is cut short or damaged.</exception>
    private static void Read(Func<bool> read, bool mayComplain = false)
    {
        TiffComplaints.Forget();
        try
        {
            if (read() && (mayComplain || TiffComplaints.First is null)) return;
        }
        catch (Exception e) when (e is IndexOutOfRangeException or NullReferenceException or OverflowException or ArgumentException
            or InvalidOperationException or ArithmeticException or InvalidCastException)
        {
            throw new InvalidDataException(ImageHeader.Damaged(ImageFormat.Tiff).Message, e);
        }
        throw TiffComplaints.First ?? ImageHeader.Damaged(ImageFormat.Tiff);
    }
}
