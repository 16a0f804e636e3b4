namespace DataSsl.Runtime.Data;

/// <summary>Fields of a TIFF that matter to reading it.</summary>
internal enum TiffTag : ushort
{
    Width = 256,
    Height = 257,
    BitsPerSample = 258,
    Compression = 259,
    Photometric = 262,
    FillOrder = 266,
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
    JpegTables = 347,
    LuminanceCoefficients = 529,
    LuminanceSubsampling = 530,
    LuminancePositioning = 531,
    ReferenceBlackWhite = 532,
}

/// <summary>
/// The fields of the first page of a TIFF, or of a BigTIFF, whose places and numbers of values have 64 bits (Aware Systems' description of
/// 2007, as libtiff 4 writes it).
/// </summary>
internal readonly struct TiffDirectory
{
    private readonly ImageBytes file;
    private readonly long start;
    private readonly long count;
    private readonly bool little, big;

    /// <exception cref="InvalidDataException">The file ends before its directory does.</exception>
    public TiffDirectory(ImageBytes file)
    {
        (this.file, little, big) = (file, file.Byte(0) == 'I', IsBig(file));
        const int bytesOfPlaces = 8;
        if (big && (Short(4) != bytesOfPlaces || Short(6) != 0)) throw ImageHeader.Damaged(ImageFormat.Tiff);
        var place = Place(big ? 8 : 4);
        (start, count) = big ? (place + 8, Quad(place)) : (place + 2, Short(place));
        if (count > file.Length || start + count * EntryLength > file.Length) throw ImageHeader.Truncated(ImageFormat.Tiff);
    }

    /// <summary>Whether the bytes of numbers are the low ones first.</summary>
    public bool IsLittle => little;

    /// <summary>Bytes of an entry, and of what lies in the entry itself where it is no more.</summary>
    private int EntryLength => big ? 20 : 12;

    private int Inline => big ? 8 : 4;

    /// <summary>Whether a file begins as a BigTIFF.</summary>
    public static bool IsBig(ImageBytes file) => file.Has(0, "II+\0"u8) || file.Has(0, "MM\0+"u8);

    /// <summary>The first value of a field of whole numbers; null where it is missing, of another type or lies past the end.</summary>
    public long? First(TiffTag tag) => Find(tag) is { } field ? Value(field, 0) : null;

    /// <summary>The sum of a field's whole numbers; 0 where it is missing, of another type or lies past the end.</summary>
    public double Sum(TiffTag tag)
    {
        if (Find(tag) is not { } field) return 0;
        var sum = 0.0;
        for (var i = 0L; i < field.Count; i++) sum += Value(field, i);
        return sum;
    }

    /// <summary>All whole numbers of a field; none where it is missing, of another type or lies past the end.</summary>
    public long[] All(TiffTag tag)
    {
        if (Find(tag) is not { } field) return [];
        var values = new long[field.Count];
        for (var i = 0L; i < field.Count; i++) values[i] = Value(field, i);
        return values;
    }

    /// <summary>The values of a field as they are stored, and their type's number; null where it is missing or lies past the end.</summary>
    public (int Type, long Count, byte[] Bytes)? Stored(TiffTag tag)
    {
        if (Entry(tag) is not { } entry) return null;
        var (type, values) = (Short(entry + 2), Place(entry + 4));
        if (values > file.Length || Where(entry, values * BytesOf(type)) is not { } place) return null;
        var bytes = new byte[values * BytesOf(type)];
        for (var at = 0; at < bytes.Length;)
        {
            var some = file.From(place + at);
            some = some[..Math.Min(some.Length, bytes.Length - at)];
            some.CopyTo(bytes.AsSpan(at));
            at += some.Length;
        }
        return (type, values, bytes);
    }

    /// <summary>
    /// Refuses a directory that another reader might take for something else than this one, or spend more memory on than the file has
    /// bytes: fields that are there twice, and values that are more than all of the file.
    /// </summary>
    /// <exception cref="InvalidDataException">It is such.</exception>
    public void MustBePlain()
    {
        var (tags, bytes) = (new HashSet<int>(), 0.0);
        for (var i = 0L; i < count; i++)
        {
            var entry = start + i * EntryLength;
            if (!tags.Add(Short(entry))) throw ImageHeader.Damaged(ImageFormat.Tiff);
            bytes += (double)Place(entry + 4) * BytesOf(Short(entry + 2));
        }
        // Of short values some lie in the entries themselves.
        if (bytes > file.Length) throw ImageHeader.Damaged(ImageFormat.Tiff);
    }

    /// <summary>Where the low byte of the first value of a 16-bit field lies in the file; null where there is none.</summary>
    public long? LowByte(TiffTag tag) => Find(tag) is { Width: 2 } field ? field.Place + (little ? 0 : 1) : null;

    /// <summary>Bytes of a value of a type; what is not known counts as the longest.</summary>
    private static int BytesOf(int type) => type switch { 1 or 2 or 6 or 7 => 1, 3 or 8 => 2, 4 or 9 or 11 or 13 => 4, _ => 8 };

    private (long Place, int Width, long Count)? Find(TiffTag tag)
    {
        const int bytes = 1, shorts = 3, longs = 4, quads = 16;
        if (Entry(tag) is not { } entry || Short(entry + 2) is var type && type is not (bytes or shorts or longs or quads)) return null;
        var (width, values) = (BytesOf(type), Place(entry + 4));
        return values > 0 && values <= file.Length && Where(entry, values * width) is { } place ? (place, width, values) : null;
    }

    /// <summary>Where so many bytes of an entry's values lie: in itself, or where it points to; null where that is past the end.</summary>
    private long? Where(long entry, long length)
    {
        var place = length > Inline ? Place(entry + EntryLength - Inline) : entry + EntryLength - Inline;
        return place + length <= file.Length ? place : null;
    }

    private long? Entry(TiffTag tag)
    {
        for (var i = 0L; i < count; i++)
            if (Short(start + i * EntryLength) == (ushort)tag) return start + i * EntryLength;
        return null;
    }

    private long Value((long Place, int Width, long Count) field, long index) => field.Width switch
    {
        1 => file.Byte(field.Place + index),
        2 => Short(field.Place + 2 * index),
        4 => Long(field.Place + 4 * index),
        _ => Quad(field.Place + 8 * index),
    };

    private int Short(long at) => little ? file.LittleShort(at) : file.BigShort(at);

    private long Long(long at) => little ? file.LittleLong(at) : file.BigLong(at);

    private long Quad(long at) => little ? file.LittleQuad(at) : file.BigQuad(at);

    /// <summary>A place in the file, or a number of values.</summary>
    private long Place(long at) => big ? Quad(at) : Long(at);
}
