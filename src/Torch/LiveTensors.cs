using static TorchSharp.torch;

namespace DataSsl.Torch;

/// <summary>How many tensors C# holds, for leak checks: flat over a loop means that the loop frees what it makes.</summary>
public static class LiveTensors
{
    /// <summary>Tensors made and not yet freed, over all threads.</summary>
    public static long Count => Tensor.TotalCount;

    /// <summary>The highest <see cref="Count"/> so far.</summary>
    public static long Peak => Tensor.PeakCount;
}
