using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime;

/// <summary>How a parameter starts.</summary>
public enum Initializer
{
    /// <summary>Normal with standard deviation sqrt(2 / fan-out), fan-out taken at the largest width (He et al. 2015).</summary>
    KaimingFanOut,

    /// <summary>Normal with standard deviation sqrt(2 / fan-in).</summary>
    KaimingFanIn,
    Ones,
    Zeros,
}

/// <summary>One parameter of a store: a place in its flat buffers, at the parameter's largest shape.</summary>
public sealed class ParameterSlot
{
    private readonly ParameterStore store;
    private readonly Dictionary<(long, long), Tensor> slices = [];

    internal ParameterSlot(ParameterStore store, string key, long[] shape, Initializer initializer, bool lowPrecision)
    {
        (this.store, Key, Shape, Initializer, LowPrecision) = (store, key, shape, initializer, lowPrecision);
        Count = shape.Aggregate(1L, (n, side) => n * side);
        Strides = new long[shape.Length];
        for (var (i, stride) = (shape.Length - 1, 1L); i >= 0; stride *= shape[i--]) Strides[i] = stride;
    }

    /// <summary>State-dict key, torchvision's where the network is one of torchvision's.</summary>
    public string Key { get; }

    /// <summary>The largest shape.</summary>
    public long[] Shape { get; }

    public long Count { get; }

    /// <summary>Computes in the store's compute type; the others (BatchNorm, heads) stay in 32 bits.</summary>
    public bool LowPrecision { get; }

    internal Initializer Initializer { get; }

    internal long Offset { get; set; }

    private long[] Strides { get; }

    /// <summary>The whole parameter in 32 bits, a view of the flat values.</summary>
    public Tensor Full() => ViewOf(store.Values);

    /// <summary>The gradient of the whole parameter, a view of the flat gradients.</summary>
    public Tensor FullGradient() => ViewOf(store.Gradients);

    /// <summary>This parameter's part of any flat buffer of the store's layout, such as the optimizer's momentum.</summary>
    public Tensor ViewOf(Tensor flat) => flat.as_strided(Shape, Strides, Offset);

    /// <summary>
    /// The leading <paramref name="first"/> entries of the first dimension and, where there is a second, <paramref name="second"/> of it. Made once and
    /// kept: a weight slice is a constant view of the flat buffer. In a trainable store it is a leaf whose gradient lands in the flat gradients.
    /// </summary>
    public Tensor Slice(long first, long second = 0)
    {
        if (slices.TryGetValue((first, second), out var slice)) return slice;
        long[] sizes = [.. Shape];
        sizes[0] = first;
        if (second > 0) sizes[1] = second;
        using (no_grad())
        {
            slice = store.ComputeBuffer(LowPrecision).as_strided(sizes, Strides, Offset).DetachFromDisposeScope();
            if (store.Trainable)
            {
                slice.requires_grad_(true);
                using var gradient = store.ComputeGradients(LowPrecision).as_strided(sizes, Strides, Offset);
                slice.grad = gradient;
            }
        }
        slices.Add((first, second), slice);
        return slice;
    }

    internal void DisposeSlices()
    {
        foreach (var slice in slices.Values) slice.Dispose();
        slices.Clear();
    }
}
