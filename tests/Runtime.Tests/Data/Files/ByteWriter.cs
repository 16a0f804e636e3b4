namespace DataSsl.Runtime.Tests.Data.Files;

/// <summary>Bytes of a file under way, in one byte order.</summary>
internal sealed class ByteWriter(bool little)
{
    private readonly List<byte> bytes = [];

    public int Length => bytes.Count;

    public ByteWriter Bytes(params ReadOnlySpan<byte> some)
    {
        bytes.AddRange(some);
        return this;
    }

    public ByteWriter Short(int value) => Number(value, 2);

    public ByteWriter Long(long value) => Number(value, 4);

    public byte[] ToArray() => [.. bytes];

    private ByteWriter Number(long value, int count)
    {
        for (var i = 0; i < count; i++) bytes.Add((byte)(value >> 8 * (little ? i : count - 1 - i)));
        return this;
    }
}
