namespace DataSsl.Kernels;

/// <summary>A number that the compiler knows: a tile's loops are unrolled, and what a size leaves out is not compiled.</summary>
internal interface ISize
{
    static abstract int Value { get; }
}

internal readonly struct One : ISize
{
    public static int Value => 1;
}

internal readonly struct Two : ISize
{
    public static int Value => 2;
}

internal readonly struct Four : ISize
{
    public static int Value => 4;
}

internal readonly struct Eight : ISize
{
    public static int Value => 8;
}

internal readonly struct Six : ISize
{
    public static int Value => 6;
}

internal readonly struct Twelve : ISize
{
    public static int Value => 12;
}
