namespace DataSsl.Runtime.Data;

/// <summary>Fields of a TIFF that matter before it is decoded.</summary>
internal enum TiffTag : ushort
{
    Width = 256,
    Height = 257,
    BitsPerSample = 258,
    Compression = 259,
    Photometric = 262,
    StripOffsets = 273,
    Orientation = 274,
    SamplesPerPixel = 277,
    RowsPerStrip = 278,
    StripByteCounts = 279,
    PlanarConfiguration = 284,
    Predictor = 317,
    TileWidth = 322,
    TileHeight = 323,
    TileOffsets = 324,
    TileByteCounts = 325,
    ExtraSamples = 338,
    SampleFormat = 339,
}

/// <summary>The fields of a TIFF's first page.</summary>
internal readonly struct TiffDirectory
{
    private const int EntryLength = 12;
    private readonly ImageBytes file;
    private readonly long start;
    private readonly int count;
    private readonly bool little;

    /// <exception cref="InvalidDataException">The file ends before its directory does.</exception>
    public TiffDirectory(ImageBytes file)
    {
        this.file = file;
        little = file.Byte(0) == 'I';
        var place = Long(4);
        (start, count) = (place + 2, Short(place));
        if (start + count * EntryLength > file.Length) throw ImageHeader.Truncated(ImageFormat.Tiff);
    }

    /// <summary>The first value of a field of 8, 16 or 32 bits; null where it is missing, of another type or lies past the end.</summary>
    public long? First(TiffTag tag) => Find(tag) is { } field ? Value(field, 0) : null;

    /// <summary>The sum of a field's values of 8, 16 or 32 bits; 0 where it is missing, of another type or lies past the end.</summary>
    public double Sum(TiffTag tag)
    {
        if (Find(tag) is not { } field) return 0;
        var sum = 0.0;
        for (var i = 0L; i < field.Count; i++) sum += Value(field, i);
        return sum;
    }

    /// <summary>All values of a field of 8, 16 or 32 bits; none where it is missing, of another type or lies past the end.</summary>
    public long[] All(TiffTag tag)
    {
        if (Find(tag) is not { } field) return [];
        var values = new long[field.Count];
        for (var i = 0L; i < field.Count; i++) values[i] = Value(field, i);
        return values;
    }

    /// <summary>
    /// Refuses a directory that another reader might take for something else than this one, or spend more memory on than the file has
    /// bytes: fields that are there twice, and values that are more than all of the file.
    /// </summary>
    /// <exception cref="InvalidDataException">It is such.</exception>
    public void MustBePlain()
    {
        var (tags, bytes) = (new HashSet<int>(), 0.0);
        for (var entry = start; entry < start + count * EntryLength; entry += EntryLength)
        {
            if (!tags.Add(Short(entry))) throw ImageHeader.Damaged(ImageFormat.Tiff);
            // The longest type has 8 bytes; of short ones up to four lie in the entry itself.
            var each = Short(entry + 2) switch { 1 or 2 or 6 or 7 => 1, 3 or 8 => 2, 4 or 9 or 11 or 13 => 4, _ => 8 };
            bytes += (double)Long(entry + 4) * each;
        }
        if (bytes > file.Length) throw ImageHeader.Damaged(ImageFormat.Tiff);
    }

    /// <summary>Where the low byte of the first value of a 16-bit field lies in the file; null where there is none.</summary>
    public long? LowByte(TiffTag tag) => Find(tag) is { Width: 2 } field ? field.Place + (little ? 0 : 1) : null;

    private (long Place, int Width, long Count)? Find(TiffTag tag)
    {
        for (var entry = start; entry < start + count * EntryLength; entry += EntryLength)
        {
            if (Short(entry) != (ushort)tag) continue;
            var width = Short(entry + 2) switch { 1 => 1, 3 => 2, 4 => 4, _ => 0 };
            var length = Long(entry + 4) * width;
            // Up to four bytes lie in the entry itself, more where it points to.
            var place = length > 4 ? Long(entry + 8) : entry + 8;
            return length > 0 && place + length <= file.Length ? (place, width, length / width) : null;
        }
        return null;
    }

    private long Value((long Place, int Width, long Count) field, long index) => field.Width switch
    {
        1 => file.Byte(field.Place + index),
        2 => Short(field.Place + 2 * index),
        _ => Long(field.Place + 4 * index),
    };

    private int Short(long at) => little ? file.LittleShort(at) : file.BigShort(at);

    private long Long(long at) => little ? file.LittleLong(at) : file.BigLong(at);
}
