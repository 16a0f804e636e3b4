using System.Runtime.InteropServices;

namespace DataSsl.Runtime.Tests.Data;

/// <summary>What other tests measure by.</summary>
[Collection(nameof(MeasuredCollection))]
public sealed unsafe class PeakMemoryTests
{
    private const int Block = 48 << 20, Small = 64 << 10;

    /// <summary>Also where blocks that were freed before have left gaps that these fit into.</summary>
    [SkippableFact]
    public void Of_blocks_one_after_another_one_counts()
    {
        var heap = new List<nint>();
        for (var i = 0; i < 4 * Block / Small; i++) heap.Add((nint)NativeMemory.Alloc(Small));
        foreach (var block in heap[..^1]) NativeMemory.Free((void*)block);
        var peak = PeakMemory.Of(() =>
        {
            for (var i = 1; i <= 3; i++)
            {
                // Larger each time, so that none lies where the one before did.
                var bytes = (nuint)(Block + i * Small);
                var block = NativeMemory.Alloc(bytes);
                var between = NativeMemory.Alloc(Small);
                NativeMemory.Fill(block, bytes, 1);
                NativeMemory.Free(block);
                heap.Add((nint)between);
            }
        });
        foreach (var block in heap[(4 * Block / Small - 1)..]) NativeMemory.Free((void*)block);
        Skip.If(peak is null, "the system does not count anew");
        Assert.InRange(peak.Value, Block - (1 << 20), Block + (2 << 20));
    }
}
