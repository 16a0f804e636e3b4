namespace DataSsl.Runtime.Data;

/// <summary>The first page of a TIFF, and the tiles or strips that it is decoded by.</summary>
internal static class TiffHeader
{
    private const int RgbaBytes = 4, Unpacked = 2;

    /// <inheritdoc cref="ImageHeader.Read"/>
    public static ImageHeader Read(ImageBytes file, long maxPixels)
    {
        var directory = new TiffDirectory(file);
        var (width, height) = (directory.First(TiffTag.Width) ?? 0, directory.First(TiffTag.Height) ?? 0);
        var (columns, rows) = (directory.First(TiffTag.TileWidth) ?? 0, directory.First(TiffTag.TileHeight) ?? 0);
        // A tile is decoded whole, whatever it shows of the picture; writers fill it up to a multiple of 16.
        if (columns > Math.Max(width + 15, 4096) || rows > Math.Max(height + 15, 4096))
            throw new InvalidDataException($"a TIFF with tiles of {columns} x {rows} pixels, far larger than the picture");
        ImageHeader.Check(columns, rows, maxPixels);
        var bits = directory.First(TiffTag.BitsPerSample) ?? 1;
        if (bits > 16) throw new InvalidDataException($"a TIFF of {bits} bits a channel; up to 16 are read");
        if (directory.Sum(TiffTag.StripByteCounts) > file.Length || directory.Sum(TiffTag.TileByteCounts) > file.Length)
            throw new InvalidDataException("a TIFF whose parts have more bytes than the file: each would be read again and again");
        // One tile or strip as it is read, as it is unpacked, and as red, green, blue and transparency.
        var part = columns > 0 ? (double)columns * rows : (double)width * Math.Min(height, directory.First(TiffTag.RowsPerStrip) ?? height);
        var working = part * (RgbaBytes + Unpacked * (directory.First(TiffTag.SamplesPerPixel) ?? 1) * ((bits + 7) / 8));
        return new(ImageFormat.Tiff, width, height, file.Length, working, directory.LowByte(TiffTag.ExtraSamples), (int)bits);
    }
}
