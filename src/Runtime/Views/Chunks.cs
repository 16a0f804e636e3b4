using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>How many images are worked on together, and which of a batch.</summary>
internal static class Chunks
{
    // On a CPU a chain of elementwise operations should stay in the cache; on an accelerator launches are what costs.
    private const long CpuElements = 1 << 20;
    private const long AcceleratorElements = 1 << 28;

    /// <summary>The number of images of <paramref name="elements"/> values each that make a chunk, at least 1.</summary>
    public static int Length(long elements, Device device) =>
        (int)Math.Max(1, (device.type == DeviceType.CPU ? CpuElements : AcceleratorElements) / elements);

    /// <summary>The positions in [0, n) whose draw satisfies a condition.</summary>
    public static int[] Where(ReadOnlySpan<ViewDraw> draws, Predicate<ViewDraw> condition)
    {
        var found = new List<int>();
        for (var i = 0; i < draws.Length; i++)
            if (condition(draws[i])) found.Add(i);
        return [.. found];
    }
}
