using System.Buffers.Binary;
using DataSsl.Runtime.Storage;
using Microsoft.Win32.SafeHandles;

namespace DataSsl.Runtime.Data;

/// <summary>
/// A file's bytes at the places that are asked for: what a header says is known, and refused, before memory is made for the whole of the
/// file.
/// </summary>
internal sealed class ImageBytes
{
    private const int WindowLength = 1 << 16;

    /// <summary>Two of them are a number still.</summary>
    private const ulong Farthest = long.MaxValue / 4;

    private readonly SafeFileHandle? file;
    private readonly Stream? stream;
    private readonly byte[] window;
    private long start;
    private int filled;

    /// <summary>Of a file that is in memory, at the beginning of <paramref name="bytes"/>.</summary>
    public ImageBytes(byte[] bytes, int length) => (window, filled, Length) = (bytes, length, length);

    /// <summary>Of an open file, read piece by piece.</summary>
    public ImageBytes(SafeFileHandle file)
    {
        this.file = file;
        window = new byte[WindowLength];
        Length = RandomAccess.GetLength(file);
    }

    /// <summary>Of an open stream, which is read from and left wherever that leads.</summary>
    public ImageBytes(Stream stream)
    {
        this.stream = stream;
        window = new byte[WindowLength];
        Length = stream.Length;
    }

    /// <summary>Of the file, in bytes.</summary>
    public long Length { get; }

    /// <summary>Some bytes; fewer where the file ends. They are overwritten by the next call.</summary>
    /// <param name="place">From where on.</param>
    /// <param name="count">How many, at most 64 KiB.</param>
    public ReadOnlySpan<byte> At(long place, int count)
    {
        count = (int)Math.Clamp(Length - place, 0, count);
        if (count == 0) return default;
        if (place < start || place + count > start + filled) Fill(place);
        return window.AsSpan((int)(place - start), (int)Math.Min(count, start + filled - place));
    }

    /// <summary>As many bytes from a place on as come at once; none at the end.</summary>
    public ReadOnlySpan<byte> From(long place)
    {
        if (place >= Length) return default;
        if (place < start || place >= start + filled) Fill(place);
        return window.AsSpan((int)(place - start), (int)(start + filled - place));
    }

    /// <summary>Whether bytes lie at a place.</summary>
    public bool Has(long place, ReadOnlySpan<byte> bytes) => At(place, bytes.Length).SequenceEqual(bytes);

    /// <summary>A number of 16 bits, the high byte first.</summary>
    /// <exception cref="EndOfStreamException">The file ends before.</exception>
    public int BigShort(long place) => BinaryPrimitives.ReadUInt16BigEndian(Whole(place, 2));

    /// <inheritdoc cref="BigShort"/>
    public long BigLong(long place) => BinaryPrimitives.ReadUInt32BigEndian(Whole(place, 4));

    /// <summary>A number of 64 bits, the high byte first; one that no file is as long as is the largest.</summary>
    /// <inheritdoc cref="BigShort"/>
    public long BigQuad(long place) => (long)Math.Min(BinaryPrimitives.ReadUInt64BigEndian(Whole(place, 8)), Farthest);

    /// <summary>A number of 16 bits, the low byte first.</summary>
    /// <exception cref="EndOfStreamException">The file ends before.</exception>
    public int LittleShort(long place) => BinaryPrimitives.ReadUInt16LittleEndian(Whole(place, 2));

    /// <inheritdoc cref="LittleShort"/>
    public int LittleTriple(long place) => Whole(place, 3) is [var low, var middle, var high] ? low | middle << 8 | high << 16 : 0;

    /// <inheritdoc cref="LittleShort"/>
    public long LittleLong(long place) => BinaryPrimitives.ReadUInt32LittleEndian(Whole(place, 4));

    /// <summary>A number of 64 bits, the low byte first; one that no file is as long as is the largest.</summary>
    /// <inheritdoc cref="LittleShort"/>
    public long LittleQuad(long place) => (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(Whole(place, 8)), Farthest);

    /// <summary>One byte.</summary>
    /// <exception cref="EndOfStreamException">The file ends before.</exception>
    public byte Byte(long place) => Whole(place, 1)[0];

    private ReadOnlySpan<byte> Whole(long place, int count)
    {
        var bytes = At(place, count);
        return bytes.Length == count ? bytes : throw new EndOfStreamException();
    }

    private void Fill(long place)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(place);
        (start, filled) = (place, file is not null ? RegularFile.Read(file, window, place) : stream is not null ? Read(stream, place) : 0);
    }

    private int Read(Stream from, long place)
    {
        from.Position = place;
        return from.ReadAtLeast(window, window.Length, throwOnEndOfStream: false);
    }
}
