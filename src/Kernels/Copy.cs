using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

internal static unsafe class Copy
{
    /// <summary>Copies values in whole vectors: what it writes beyond them is written over by the next copy, or lies in the memory's slack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TVector>(float* source, float* target, int count) where TVector : unmanaged, IVector<TVector>
    {
        for (var i = 0; i < count; i += TVector.Width) TVector.Load(source + i).Store(target + i);
    }

    /// <summary>A map [H * W, padded channels] or tokens as [C, H * W].</summary>
    public static void ToPlanes(float* map, int positions, int channels, float* target)
    {
        var padded = Lanes.Padded(channels);
        for (var c = 0; c < channels; c++)
            for (var i = 0; i < positions; i++)
                target[(nint)c * positions + i] = map[(nint)i * padded + c];
    }
}
