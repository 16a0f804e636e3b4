using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

internal static unsafe class Copy
{
    /// <summary>So many values that a call costs less than it saves.</summary>
    private const int Few = 16;

    /// <summary>
    /// Copies values; what it writes beyond a few of them is written over by the next copy, or lies in the memory's slack.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(float* source, float* target, int count)
    {
        if (count > Few) new ReadOnlySpan<float>(source, count).CopyTo(new(target, count));
        else
            for (var i = 0; i < count; i += Lanes128.Width) Lanes128.Load(source + i).Store(target + i);
    }

    /// <summary>A map [H * W, padded channels] or tokens as [C, H * W].</summary>
    public static void ToPlanes(float* map, int positions, int channels, float* target)
    {
        var padded = Lanes.Padded(channels);
        for (var c = 0; c < channels; c++)
            for (var i = 0; i < positions; i++)
                target[(nint)c * positions + i] = map[(nint)i * padded + c];
    }

    /// <summary>[C, H * W] as a map [H * W, padded channels], whose values beyond the channels stay as they are.</summary>
    public static void FromPlanes(float* planes, int positions, int channels, float* map)
    {
        var padded = Lanes.Padded(channels);
        for (var c = 0; c < channels; c++)
            for (var i = 0; i < positions; i++)
                map[(nint)i * padded + c] = planes[(nint)c * positions + i];
    }
}
