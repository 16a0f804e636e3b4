namespace DataSsl.Kernels;

/// <summary>32-bit values that do not move, from an address that every vector width likes; zero at first.</summary>
internal sealed unsafe class Floats
{
    private const int Alignment = 64;

    /// <summary>Vectors may read and write beyond the last value.</summary>
    private const int Slack = 2 * Lanes.Count;

    /// <summary>Keeps the memory: <see cref="Pointer"/> alone would not.</summary>
    private readonly float[] values;

    public Floats(int length)
    {
        values = GC.AllocateArray<float>(length + Slack + Alignment / sizeof(float), pinned: true);
        fixed (float* start = values) Pointer = (float*)(((nuint)start + Alignment - 1) / Alignment * Alignment);
        Length = length;
    }

    /// <summary>The given values, then zeros up to a length.</summary>
    public Floats(ReadOnlySpan<float> source, int length) : this(length) => source.CopyTo(Span);

    public float* Pointer { get; }

    public int Length { get; }

    public Span<float> Span => new(Pointer, Length);
}
