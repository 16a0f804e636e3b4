using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DataSsl.Runtime.Data;

/// <summary>
/// Decodes TIFFs of any number of bands, whose samples are values and no colours: unsigned, of 8 or 16 bits, in strips or tiles, pixel by
/// pixel or band by band; stored as they are, by PackBits, LZW or Deflate, as differences or not (TIFF 6.0, sections 3, 9, 13 to 15).
/// </summary>
internal sealed class TiffBands
{
    private readonly byte[] file;
    private readonly int length;
    private readonly TiffDirectory directory;
    private readonly PixelFormat format;
    private readonly int width, height, samples, size;

    private TiffBands(byte[] file, int length, PixelFormat format)
    {
        (this.file, this.length, this.format, directory) = (file, length, format, new(new ImageBytes(file, length)));
        (width, height) = ((int)(directory.First(TiffTag.Width) ?? 0), (int)(directory.First(TiffTag.Height) ?? 0));
        samples = (int)(directory.First(TiffTag.SamplesPerPixel) ?? 1);
        var bits = directory.All(TiffTag.BitsPerSample);
        size = (int)bits.FirstOrDefault(1) / 8;
        const int unsigned = 1, fromTheLeft = 1;
        if (bits.Any(b => b != bits[0]) || size is not (1 or 2)
            || directory.All(TiffTag.SampleFormat).Any(kind => kind != unsigned)
            || (directory.First(TiffTag.FillOrder) ?? fromTheLeft) != fromTheLeft)
            throw new InvalidDataException(
                $"a TIFF of {string.Join(", ", bits.Distinct())} bits a band; in bands that are no colours 8 or 16 bits without a sign are read");
        if (Photometric is not (MinIsWhite or MinIsBlack or Colours or Inks))
            throw new InvalidDataException($"a TIFF of colours by a rule ({Photometric}), which are no bands; give one of grey or of plain bands");
        // Transparency is no band unless as many are wanted.
        var hasAlpha = directory.All(TiffTag.ExtraSamples).LastOrDefault() is 1 or 2;
        if (samples != format.Bands && !(hasAlpha && samples == format.Bands + 1)) throw ImageHeader.Bands("TIFF", samples, format.Bands);
    }

    private const int MinIsWhite = 0, MinIsBlack = 1, Colours = 2, Inks = 5;

    private long Compression => directory.First(TiffTag.Compression) ?? 1;

    private long Photometric => directory.First(TiffTag.Photometric) ?? MinIsBlack;

    /// <summary>The first picture of a file, upright.</summary>
    /// <param name="file">The file, whose header was found to be sound.</param>
    /// <param name="length">Bytes of it.</param>
    /// <param name="format">The bands and bits that are wanted.</param>
    /// <exception cref="InvalidDataException">It is damaged, of a kind that is not read, or of other bands.</exception>
    public static Image Decode(byte[] file, int length, PixelFormat format)
    {
        var tiff = new TiffBands(file, length, format);
        var pixels = tiff.Read();
        return Orientation.Upright(
            new(tiff.width, tiff.height, pixels) { Format = format }, (int)(tiff.directory.First(TiffTag.Orientation) ?? 1));
    }

    private byte[] Read()
    {
        var isTiled = directory.First(TiffTag.TileWidth) is not null;
        var (columns, rows) = isTiled
            ? ((int)(directory.First(TiffTag.TileWidth) ?? 0), (int)(directory.First(TiffTag.TileHeight) ?? 0))
            : (width, (int)Math.Min(height, directory.First(TiffTag.RowsPerStrip) ?? height));
        var offsets = directory.All(isTiled ? TiffTag.TileOffsets : TiffTag.StripOffsets);
        var counts = directory.All(isTiled ? TiffTag.TileByteCounts : TiffTag.StripByteCounts);
        if (columns <= 0 || rows <= 0) throw ImageHeader.Damaged(ImageFormat.Tiff);
        var (across, down) = ((width + columns - 1) / columns, (height + rows - 1) / rows);
        const int byBand = 2;
        var parts = directory.First(TiffTag.PlanarConfiguration) == byBand ? samples : 1;
        if (offsets.Length < (long)across * down * parts || counts.Length < offsets.Length) throw ImageHeader.Truncated(ImageFormat.Tiff);

        var each = samples / parts;
        var pixels = new byte[format.Bytes * width * height];
        if ((long)columns * rows * each * size > Array.MaxLength) throw ImageHeader.Damaged(ImageFormat.Tiff);
        var part = new byte[columns * rows * each * size];
        for (var index = 0; index < across * down * parts; index++)
        {
            var (plane, tile) = (index / (across * down), index % (across * down));
            var (left, top) = (tile % across * columns, tile / across * rows);
            // A strip ends with the picture, a tile is whole.
            var lines = isTiled ? rows : Math.Min(rows, height - top);
            var values = part.AsSpan(0, lines * columns * each * size);
            Unpack(offsets[index], counts[index], values);
            ToHost(values, columns * each, each);
            Place(values, columns, each, plane * each, left, top, pixels);
        }
        return pixels;
    }

    private void Unpack(long offset, long count, Span<byte> values)
    {
        if (offset < 0 || count < 0 || offset + count > length) throw ImageHeader.Truncated(ImageFormat.Tiff);
        TiffPacking.Unpack(Compression, file.AsMemory((int)offset, (int)count), values);
    }

    /// <summary>Brings samples into this machine's order, and differences of neighbours back to values.</summary>
    private void ToHost(Span<byte> values, int line, int each)
    {
        var deep = size == 2 ? MemoryMarshal.Cast<byte, ushort>(values) : default;
        if (!directory.IsLittle) BinaryPrimitives.ReverseEndianness(deep, deep);
        // Of other packings the field says nothing.
        switch (TiffPacking.MayDiffer(Compression) ? directory.First(TiffTag.Predictor) ?? 1 : 1)
        {
            case 1: return;
            case 2: break;
            case var other: throw new InvalidDataException($"a TIFF of predictor {other}; differences of neighbours (2) are read");
        }
        for (var start = 0; start < values.Length / size; start += line)
            for (var i = start + each; i < start + line; i++)
            {
                if (size == 2) deep[i] += deep[i - each];
                else values[i] += values[i - each];
            }
    }

    /// <summary>Puts a part's samples in their places, in as many bits as are wanted.</summary>
    private void Place(ReadOnlySpan<byte> values, int columns, int each, int first, int left, int top, Span<byte> pixels)
    {
        var deep = size == 2 ? MemoryMarshal.Cast<byte, ushort>(values) : default;
        var wanted = format.Bits == 16 ? MemoryMarshal.Cast<byte, ushort>(pixels) : default;
        var (right, bottom) = (Math.Min(width, left + columns), Math.Min(height, top + values.Length / (columns * each * size)));
        for (var y = top; y < bottom; y++)
            for (var x = left; x < right; x++)
                for (var band = 0; band < each && first + band < format.Bands; band++)
                {
                    var from = ((y - top) * columns + x - left) * each + band;
                    var value = size == 2 ? deep[from] : values[from] * 257;
                    if (Photometric == MinIsWhite) value = ushort.MaxValue - value;
                    var to = (y * width + x) * format.Bands + first + band;
                    if (format.Bits == 16) wanted[to] = (ushort)value;
                    else pixels[to] = (byte)(value >> 8);
                }
    }
}
