using System.Buffers.Binary;

namespace DataSsl.Runtime.Data;

/// <summary>The chunks of a PNG.</summary>
internal static class PngHeader
{
    private const int SignatureLength = 8, ChunkFrame = 12;

    /// <summary>
    /// Whether a chunk matters for the pixels or how they are turned. Notes, colour profiles and the frames of an animation are kept from
    /// the decoder, which would unpack and keep them.
    /// </summary>
    private static bool Matters(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("IHDR"u8) || name.SequenceEqual("PLTE"u8) || name.SequenceEqual("tRNS"u8) || name.SequenceEqual("IDAT"u8)
            || name.SequenceEqual("eXIf"u8) || name.SequenceEqual("IEND"u8);

    /// <inheritdoc cref="ImageHeader.Read"/>
    public static ImageHeader Read(ImageBytes file)
    {
        var place = (long)SignatureLength;
        var hasPixels = false;
        if (!file.Has(place + 4, "IHDR"u8)) throw ImageHeader.Damaged(ImageFormat.Png);
        // OpenCV makes room for a chunk before it looks whether the file has as much.
        for (var isLast = false; !isLast;)
        {
            var length = file.BigLong(place);
            var name = file.At(place + 4, 4);
            if (name.ContainsAnyExceptInRange((byte)'A', (byte)'z')) throw ImageHeader.Damaged(ImageFormat.Png);
            hasPixels |= name.SequenceEqual("IDAT"u8);
            isLast = name.SequenceEqual("IEND"u8);
            place += length + ChunkFrame;
            if (place > file.Length) throw ImageHeader.Truncated(ImageFormat.Png);
        }
        if (!hasPixels) throw ImageHeader.Truncated(ImageFormat.Png);
        var (width, height) = (file.BigLong(16), file.BigLong(20));
        return new(ImageFormat.Png, width, height, place, 0, Bits: file.Byte(24));
    }

    /// <summary>Moves the chunks that matter together, in a whole file that <see cref="Read"/> has seen, and gives what they are.</summary>
    public static Span<byte> Bare(Span<byte> file)
    {
        var (from, to) = (SignatureLength, SignatureLength);
        while (from < file.Length)
        {
            var length = (int)BinaryPrimitives.ReadUInt32BigEndian(file[from..]) + ChunkFrame;
            if (Matters(file.Slice(from + 4, 4)))
            {
                file.Slice(from, length).CopyTo(file[to..]);
                to += length;
            }
            from += length;
        }
        return file[..to];
    }
}
