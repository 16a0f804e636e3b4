namespace DataSsl.Runtime.Data;

/// <summary>Memory that one picture after another is decoded into: fresh pages for each cost as much as a third of the decoding.</summary>
internal sealed class PixelBuffer
{
    private byte[] bytes = [];

    /// <summary>The first <paramref name="length"/> bytes; what was there before is overwritten.</summary>
    public Memory<byte> Take(int length)
    {
        if (bytes.Length < length) bytes = GC.AllocateUninitializedArray<byte>(length);
        return bytes.AsMemory(0, length);
    }
}
