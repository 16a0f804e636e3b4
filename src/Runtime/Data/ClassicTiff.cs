using System.Buffers.Binary;

namespace DataSsl.Runtime.Data;

/// <summary>
/// The first page of a BigTIFF as a TIFF of old, for a reader that knows no other: a directory of its own in front, and behind it, as one
/// who asks sees it, the parts one after the other, wherever in the file they lie. Of a page that is more than 2 GiB packed each part
/// begins a byte behind the one before, and goes on from where the reader went last: such a reader seeks a part, and reads it through.
/// </summary>
/// <remarks>One thread at a time. It is disposed with the stream that it reads.</remarks>
internal sealed class ClassicTiff : Stream
{
    private const int Header = 8, Entry = 12, Inline = 4, Short = 3, Long = 4, Quad = 16;

    /// <summary>What decides how parts are unpacked; where they lie is written anew, and all else of a directory is for others.</summary>
    private static readonly TiffTag[] carried =
    [
        .. Enum.GetValues<TiffTag>().Except(
            [TiffTag.StripOffsets, TiffTag.StripByteCounts, TiffTag.TileOffsets, TiffTag.TileByteCounts]),
    ];

    private readonly Stream file;
    private readonly byte[] front;
    private readonly long[] offsets, counts, places;
    private long position;
    private int part;
    private long within;

    private ClassicTiff(Stream file, TiffDirectory directory)
    {
        this.file = file;
        var (where, howLong) = directory.First(TiffTag.TileWidth) is null
            ? (TiffTag.StripOffsets, TiffTag.StripByteCounts)
            : (TiffTag.TileOffsets, TiffTag.TileByteCounts);
        (offsets, counts) = (directory.All(where), directory.All(howLong));
        if (offsets.Length == 0 || offsets.Length != counts.Length) throw ImageHeader.Damaged(ImageFormat.Tiff);
        if (Array.Exists(counts, count => count > int.MaxValue))
            throw new InvalidDataException("a BigTIFF with a part of more than 2 GiB; store it in tiles, or in more strips");
        var fields = carried.Select(tag => (Tag: tag, Field: directory.Stored(tag))).Where(each => each.Field is not null)
            .Select(each => (each.Tag, Field: Narrow(each.Field!.Value, directory.IsLittle))).ToList();
        var behind = Header + 2 + Entry * (fields.Count + 2) + Inline + fields.Sum(each => Outside(each.Field.Bytes.Length))
            + 2 * Outside(4L * offsets.Length);
        places = new long[offsets.Length];
        var all = counts.Sum(count => (double)count);
        for (var (i, place) = (0, behind); i < places.Length; place += behind + all > int.MaxValue ? 1 : counts[i], i++) places[i] = place;
        fields.Add((where, Longs(places, directory.IsLittle)));
        fields.Add((howLong, Longs(counts, directory.IsLittle)));
        front = Front([.. fields.OrderBy(each => each.Tag)], directory.IsLittle, behind);
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    /// <summary>As much as a reader can count, so that none takes a part for one that is cut off.</summary>
    public override long Length => int.MaxValue;

    public override long Position
    {
        get => position;
        set
        {
            position = value;
            if (value < front.Length) return;
            var found = Array.BinarySearch(places, value);
            part = found >= 0 ? found : Math.Max(~found - 1, 0);
            within = value - places[part];
        }
    }

    /// <summary>A file as such a reader takes it: itself, unless it is a BigTIFF.</summary>
    /// <param name="file">At its beginning; disposed with the result, or where there is none.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static Stream Of(Stream file)
    {
        try
        {
            // Few bytes: others are read again for the picture.
            var begin = new byte[4];
            file.ReadExactly(begin);
            file.Position = 0;
            return TiffDirectory.IsBig(new(begin, begin.Length)) ? new ClassicTiff(file, new(new ImageBytes(file))) : file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int read;
        if (position < front.Length)
        {
            read = (int)Math.Min(buffer.Length, front.Length - position);
            front.AsSpan((int)position, read).CopyTo(buffer);
            Position += read;
            return read;
        }
        buffer = buffer[..(int)Math.Clamp(counts[part] - within, 0, buffer.Length)];
        file.Position = offsets[part] + within;
        read = file.Read(buffer);
        (position, within) = (position + read, within + read);
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) file.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Bytes of a field's values that do not lie in its entry; an even number, as values begin at.</summary>
    private static long Outside(long length) => length <= Inline ? 0 : length + (length & 1);

    /// <summary>Numbers of 64 bits as such of 32, which the format of old has.</summary>
    private static (int Type, long Count, byte[] Bytes) Narrow((int Type, long Count, byte[] Bytes) field, bool little)
    {
        if (field.Type != Quad) return field;
        var values = new long[field.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var number = field.Bytes.AsSpan(8 * i);
            var value = little ? BinaryPrimitives.ReadUInt64LittleEndian(number) : BinaryPrimitives.ReadUInt64BigEndian(number);
            values[i] = value <= uint.MaxValue ? (long)value : throw ImageHeader.Damaged(ImageFormat.Tiff);
        }
        return Longs(values, little);
    }

    private static (int Type, long Count, byte[] Bytes) Longs(long[] values, bool little)
    {
        var bytes = new byte[4 * values.Length];
        foreach (var (i, value) in values.Index()) PutLong(bytes.AsSpan(4 * i), (uint)value, little);
        return (Long, values.Length, bytes);
    }

    private static byte[] Front(IReadOnlyList<(TiffTag Tag, (int Type, long Count, byte[] Bytes) Field)> fields, bool little, long length)
    {
        var front = new byte[length];
        (little ? "II*\0"u8 : "MM\0*"u8).CopyTo(front);
        PutLong(front.AsSpan(4), Header, little);
        PutShort(front.AsSpan(Header), (ushort)fields.Count, little);
        var values = Header + 2 + Entry * fields.Count + Inline;
        foreach (var (i, (tag, field)) in fields.Index())
        {
            var entry = front.AsSpan(Header + 2 + Entry * i);
            PutShort(entry, (ushort)tag, little);
            PutShort(entry[2..], (ushort)field.Type, little);
            PutLong(entry[4..], (uint)field.Count, little);
            if (Outside(field.Bytes.Length) == 0)
            {
                field.Bytes.CopyTo(entry[8..]);
                continue;
            }
            PutLong(entry[8..], (uint)values, little);
            field.Bytes.CopyTo(front.AsSpan(values));
            values += (int)Outside(field.Bytes.Length);
        }
        return front;
    }

    private static void PutLong(Span<byte> at, uint value, bool little)
    {
        if (little) BinaryPrimitives.WriteUInt32LittleEndian(at, value);
        else BinaryPrimitives.WriteUInt32BigEndian(at, value);
    }

    private static void PutShort(Span<byte> at, ushort value, bool little)
    {
        if (little) BinaryPrimitives.WriteUInt16LittleEndian(at, value);
        else BinaryPrimitives.WriteUInt16BigEndian(at, value);
    }
}
