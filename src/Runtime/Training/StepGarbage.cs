namespace DataSsl.Runtime.Training;

/// <summary>
/// Collects what steps leave behind as soon as it is a few MiB. Left alone, the collector waits until it fills the processor's last cache,
/// which on some machines is hundreds of MiB: so much more is then resident, and each step writes into memory that is in no cache.
/// </summary>
internal sealed class StepGarbage
{
    private const long Most = 16 << 20;

    private long allocated = GC.GetTotalAllocatedBytes();

    /// <summary>To be called after each step; does nothing after most of them.</summary>
    public void Collect()
    {
        if (GC.GetTotalAllocatedBytes() - allocated < Most) return;
        GC.Collect(0);
        allocated = GC.GetTotalAllocatedBytes();
    }
}
