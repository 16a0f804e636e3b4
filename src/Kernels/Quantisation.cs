using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DataSsl.Kernels;

/// <summary>How values become bytes: each stands for <c>Scale * (byte - Zero)</c>.</summary>
/// <param name="Scale">From one byte to the next.</param>
/// <param name="Zero">The byte of 0.</param>
internal readonly record struct Quantisation(float Scale, byte Zero)
{
    /// <summary>Values at a time: so many are read and written, whatever the count.</summary>
    public const int Step = 16;

    /// <summary>Steps to 1.</summary>
    public float Inverse => 1 / Scale;

    /// <summary>What truncated is the byte of a value within the range.</summary>
    public float InSteps(float value) => value * Inverse + (Zero + 0.5f);

    /// <summary>Writes the nearest bytes; half of a step goes up, and what lies beyond the range becomes its end.</summary>
    /// <param name="source">Values, up to the next multiple of <see cref="Step"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Quantise(float* source, byte* target, int count)
    {
        var (inverse, zero) = (1 / Scale, Zero + 0.5f);
        for (var i = 0; i < count; i += Step)
        {
            var bytes = Vector512.IsHardwareAccelerated
                ? Bytes(Vector512.Load(source + i), inverse, zero)
                : Bytes(Vector256.Load(source + i), Vector256.Load(source + i + Step / 2), inverse, zero);
            bytes.Store(target + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Bytes(Vector512<float> values, float inverse, float zero)
    {
        var scaled = Vector512.MaxNative(
            Vector512.MinNative(values * inverse + Vector512.Create(zero), Vector512.Create(255f)), Vector512<float>.Zero);
        var whole = Vector512.ConvertToInt32Native(scaled);
        var shorts = Vector256.Narrow(whole.GetLower(), whole.GetUpper());
        return Vector128.Narrow(shorts.GetLower(), shorts.GetUpper()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Bytes(Vector256<float> first, Vector256<float> second, float inverse, float zero)
    {
        var shorts = Vector256.Narrow(Whole(first, inverse, zero), Whole(second, inverse, zero));
        return Vector128.Narrow(shorts.GetLower(), shorts.GetUpper()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Whole(Vector256<float> values, float inverse, float zero) => Vector256.ConvertToInt32Native(
        Vector256.MaxNative(
            Vector256.MinNative(values * inverse + Vector256.Create(zero), Vector256.Create(255f)), Vector256<float>.Zero));
}
