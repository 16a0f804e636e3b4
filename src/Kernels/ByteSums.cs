using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace DataSsl.Kernels;

/// <summary>
/// Sums of products of bytes without a sign, which are a row's, with bytes with one, which are weights of <see cref="SevenBits"/>: all
/// machines give the same to the last bit.
/// </summary>
internal static class ByteSums
{
    /// <summary>Bytes in the place of a value.</summary>
    public const int Group = sizeof(float);

    /// <summary>In sums of no more groups, what is done with the sum costs as much as they do, and takes wide vectors.</summary>
    private const int Few = 32;

    /// <summary>
    /// Bits of the vectors that sums of a number of groups are made in where 32-bit values have so many: VNNI, which .NET has for 256
    /// bits, does more in a step than AVX-512 without it; and there must be instructions for it.
    /// </summary>
    public static int Bits(int bits, int groups) =>
        bits == 512 && Avx512BW.IsSupported && (!AvxVnni.IsSupported || groups <= Few) ? 512
        : bits >= 256 && Avx2.IsSupported ? 256
        : 128;

    /// <summary>Whether there are instructions that do nothing else.</summary>
    public static bool HasOwn => AvxVnni.IsSupported || Dp.IsSupported;

    /// <summary>What the bytes of rows lose before they are multiplied: Arm's products take a sign.</summary>
    public static int Shift(int bits) => bits == 128 && Dp.IsSupported ? 128 : 0;

    /// <inheritdoc cref="Lanes.Run"/>
    public static void Run<TWork>(int bits, ref TWork work) where TWork : struct, IByteWork
    {
        if (bits == 512) work.Run<ByteSums512>();
        else if (bits == 256) work.Run<ByteSums256>();
        else work.Run<ByteSums128>();
    }
}
