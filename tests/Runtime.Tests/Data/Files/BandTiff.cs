using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using LibTiff = BitMiracle.LibTiff.Classic.Tiff;

namespace DataSsl.Runtime.Tests.Data.Files;

/// <summary>TIFFs of any bands that LibTiff.NET writes: in strips or tiles, pixel by pixel or band by band, in each packing.</summary>
/// <param name="Values">[Height, Width, Bands].</param>
internal sealed record BandTiff(int Width, int Height, ushort[] Values, int Bands, int Bits)
{
    public Compression Compression { get; init; } = Compression.NONE;

    public bool IsPlanar { get; init; }

    /// <summary>Side of a tile; null for strips.</summary>
    public int? TileSide { get; init; }

    public int StripRows { get; init; } = 5;

    public bool IsBig { get; init; }

    public bool IsDifferenced { get; init; }

    public Photometric Photometric { get; init; } = Photometric.MINISBLACK;

    public int Orientation { get; init; } = 1;

    public static byte[] Packed(ushort[] values, int bits) => bits == 8
        ? Array.ConvertAll(values, value => (byte)value)
        : MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var (columns, lines) = TileSide is { } side ? (side, side) : (Width, StripRows);
        using var tiff = LibTiff.Open(path, IsBig ? "wb" : "wl");
        foreach (var (tag, value) in new (TiffTag, object)[]
        {
            (TiffTag.IMAGEWIDTH, Width), (TiffTag.IMAGELENGTH, Height), (TiffTag.BITSPERSAMPLE, Bits), (TiffTag.SAMPLESPERPIXEL, Bands),
            (TiffTag.COMPRESSION, Compression), (TiffTag.PHOTOMETRIC, Photometric), (TiffTag.ORIENTATION, Orientation),
            (TiffTag.PLANARCONFIG, IsPlanar ? PlanarConfig.SEPARATE : PlanarConfig.CONTIG),
        })
            tiff.SetField(tag, value);
        var colours = Photometric is Photometric.RGB or Photometric.YCBCR ? 3 : 1;
        if (Bands > colours) tiff.SetField(TiffTag.EXTRASAMPLES, Bands - colours, new short[Bands - colours]);
        if (IsDifferenced) tiff.SetField(TiffTag.PREDICTOR, Predictor.HORIZONTAL);
        if (Compression == Compression.JPEG) tiff.SetField(TiffTag.JPEGQUALITY, 90);
        if (Photometric == Photometric.YCBCR) tiff.SetField(TiffTag.JPEGCOLORMODE, JpegColorMode.RGB);
        if (TileSide is not null) tiff.SetField(TiffTag.TILEWIDTH, columns);
        if (TileSide is not null) tiff.SetField(TiffTag.TILELENGTH, lines);
        else tiff.SetField(TiffTag.ROWSPERSTRIP, lines);
        var number = 0;
        for (var plane = 0; plane < (IsPlanar ? Bands : 1); plane++)
            for (var top = 0; top < Height; top += lines)
                for (var left = 0; left < Width; left += columns)
                {
                    var high = TileSide is not null ? lines : Math.Min(lines, Height - top);
                    var part = new List<ushort>();
                    for (var y = top; y < top + high; y++)
                        for (var x = left; x < left + columns; x++)
                            for (var band = 0; band < (IsPlanar ? 1 : Bands); band++)
                                part.Add(x < Width && y < Height ? Values[(y * Width + x) * Bands + band + plane] : (ushort)0);
                    var bytes = Packed([.. part], Bits);
                    if (TileSide is not null) tiff.WriteEncodedTile(number++, bytes, bytes.Length);
                    else tiff.WriteEncodedStrip(number++, bytes, bytes.Length);
                }
    }
}
