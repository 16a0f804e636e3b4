using System.Runtime.Intrinsics;

namespace DataSsl.Kernels;

/// <summary>Which width the kernels run in, and how maps lie in memory.</summary>
/// <remarks>
/// A map [C, H, W] lies pixel by pixel, channels together: [H, W, C up to the next multiple of 16], where what is beyond C is zero.
/// </remarks>
internal static class Lanes
{
    /// <summary>Channels of a pixel are a multiple of it in memory: the widest vector.</summary>
    public const int Count = 16;

    /// <summary>Bits of the widest vectors that the machine computes in.</summary>
    public static int Best => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <summary>Values in a vector of a number of bits.</summary>
    public static int Width(int bits) => bits / 32;

    /// <summary>Does work with vectors of a number of bits. Of each struct and width the compiler makes a body of its own.</summary>
    public static void Run<TWork>(int bits, ref TWork work) where TWork : struct, IVectorWork
    {
        if (bits == 512) work.Run<Lanes512>();
        else if (bits == 256) work.Run<Lanes256>();
        else work.Run<Lanes128>();
    }

    public static int Padded(int channels) => (channels + Count - 1) / Count * Count;
}
