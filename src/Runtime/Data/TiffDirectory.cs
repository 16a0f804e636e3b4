using System.Buffers.Binary;

namespace DataSsl.Runtime.Data;

/// <summary>Fields of a TIFF that matter before it is decoded.</summary>
internal enum TiffTag : ushort
{
    Width = 256,
    Height = 257,
    BitsPerSample = 258,
    SamplesPerPixel = 277,
    TileWidth = 322,
    TileHeight = 323,
    ExtraSamples = 338,
}

/// <summary>The fields of a TIFF's first page.</summary>
internal readonly ref struct TiffDirectory
{
    private const int EntryLength = 12;
    private readonly ReadOnlySpan<byte> file;
    private readonly int start;
    private readonly int count;
    private readonly bool little;

    /// <exception cref="InvalidDataException">The file ends before its directory does.</exception>
    public TiffDirectory(ReadOnlySpan<byte> file)
    {
        this.file = file;
        little = file[0] == 'I';
        var place = file.Length >= 8 ? Long(4) : uint.MaxValue;
        if (place > file.Length - 2) throw ImageHeader.Truncated(ImageFormat.Tiff);
        (start, count) = ((int)place + 2, Short((int)place));
        if (start + count * EntryLength > file.Length) throw ImageHeader.Truncated(ImageFormat.Tiff);
    }

    /// <summary>The first value of a field of 8, 16 or 32 bits; null where it is missing, of another type or lies past the end.</summary>
    public long? First(TiffTag tag) => Find(tag) is not (var place, var type) ? null : type switch
    {
        1 => file[place],
        3 => Short(place),
        _ => Long(place),
    };

    /// <summary>Where the low byte of the first value of a 16-bit field lies in the file; null where there is none.</summary>
    public int? LowByte(TiffTag tag) => Find(tag) is (var place, 3) ? place + (little ? 0 : 1) : null;

    private (int Place, int Type)? Find(TiffTag tag)
    {
        for (var entry = start; entry < start + count * EntryLength; entry += EntryLength)
        {
            if (Short(entry) != (ushort)tag) continue;
            int type = Short(entry + 2);
            var width = type switch { 1 => 1, 3 => 2, 4 => 4, _ => 0 };
            // Up to four bytes lie in the entry itself, more where it points to.
            var place = Long(entry + 4) * (long)width > 4 ? (long)Long(entry + 8) : entry + 8;
            return width > 0 && place <= file.Length - width ? ((int)place, type) : null;
        }
        return null;
    }

    private ushort Short(int at) => little ? BinaryPrimitives.ReadUInt16LittleEndian(file[at..]) : BinaryPrimitives.ReadUInt16BigEndian(file[at..]);

    private uint Long(int at) => little ? BinaryPrimitives.ReadUInt32LittleEndian(file[at..]) : BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
}
