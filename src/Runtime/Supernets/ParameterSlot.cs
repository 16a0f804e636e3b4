using DataSsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>How a parameter starts.</summary>
public enum Initializer
{
    /// <summary>Normal with standard deviation sqrt(2 / fan-out), fan-out taken at the largest width (He et al. 2015).</summary>
    KaimingFanOut,

    /// <summary>Normal with standard deviation sqrt(2 / fan-in).</summary>
    KaimingFanIn,

    /// <summary>Normal with standard deviation 0.02, as transformers start.</summary>
    Normal02,

    /// <summary>All 1, as the scales of norms.</summary>
    Ones,

    /// <summary>All 0, as biases and the shifts of norms.</summary>
    Zeros,
}

/// <summary>One parameter of a store: a place in its flat buffers, at the parameter's largest shape.</summary>
public sealed class ParameterSlot
{
    private static readonly long[] s_step = [1, 1], s_none = [0, 0];

    private readonly ParameterStore store;
    private readonly Dictionary<(long, long, long), (Tensor View, Tensor? Gradient)> slices = [];
    private readonly Dictionary<(long, long, long), (PackedConvolution Packed, Tensor View)> kernels = [];

    internal ParameterSlot(
        ParameterStore store, string key, long[] shape, Initializer initializer, bool lowPrecision, int parts, bool depthwise)
    {
        (this.store, Key, Shape, Initializer, LowPrecision, Parts,
            IsDepthwise) = (store, key, shape, initializer, lowPrecision, parts, depthwise);
        Count = shape.Aggregate(1L, (n, side) => n * side);
        Strides = new long[shape.Length];
    }

    /// <summary>State-dict key, torchvision's where the network is one of torchvision's.</summary>
    public string Key { get; }

    /// <summary>The largest shape.</summary>
    public long[] Shape { get; private set; }

    /// <summary>Entries of <see cref="Shape"/>.</summary>
    public long Count { get; private set; }

    /// <summary>Computes in the store's compute type; the others (BatchNorm, heads) stay in 32 bits.</summary>
    public bool LowPrecision { get; }

    /// <summary>Groups of the first dimension, one behind the other, of which each is sliced by itself.</summary>
    public int Parts { get; }

    /// <summary>Whether it is the kernel of a depthwise convolution.</summary>
    public bool IsDepthwise { get; }

    internal Initializer Initializer { get; }

    internal long Offset { get; private set; }

    private long[] Strides { get; }

    /// <summary>Gives the parameter its place in the flat buffers; kernels lie row by row or with their input channels innermost.</summary>
    internal void Lay(long offset, bool channelsLast)
    {
        Offset = offset;
        // Sides of 1 leave the order of the elements as it is, and oneDNN 2.7 overruns its buffers on slices of 1x1 kernels with these
        // strides.
        int[] innermostFirst = channelsLast && Shape.Length == 4 && Shape[1] > 1 && Shape[2] > 1
            ? [1, 3, 2, 0]
            : [.. Enumerable.Range(0, Shape.Length).Reverse()];
        var stride = 1L;
        foreach (var dimension in innermostFirst)
        {
            Strides[dimension] = stride;
            stride *= Shape[dimension];
        }
    }

    /// <summary>The whole parameter in 32 bits, a view of the flat values.</summary>
    public Tensor Full() => ViewOf(store.Values);

    /// <summary>The gradient of the whole parameter, a view of the store's.</summary>
    public Tensor FullGradient() => ViewOf(store.Gradients);

    /// <summary>This parameter's part of any flat buffer of the store's layout, such as the optimizer's momentum.</summary>
    public Tensor ViewOf(Tensor flat) => flat.as_strided(Shape, Strides, Offset);

    /// <summary>
    /// The leading <paramref name="first"/> entries of the first dimension and, where given, <paramref name="second"/> of the second and
    /// <paramref name="third"/> of the third; of a kernel (four dimensions) the third is the side of its centre. Where there are parts,
    /// each gives its leading entries: [parts, first, …]. A constant view of the flat values, made once and kept; in a trainable store a
    /// leaf whose gradient lands in the flat gradients. In a store that computes in 16 bits what is <see cref="LowPrecision"/> is rounded
    /// to them at each call, in the caller's dispose scope.
    /// </summary>
    public Tensor Slice(long first, long second = 0, long third = 0)
    {
        var slice = Prepare(first, second, third);
        return LowPrecision && store.ComputeType == ScalarType.BFloat16 ? RoundedWeights.Of(slice.View, slice.Gradient) : slice.View;
    }

    /// <summary>Makes the view of a slice, where it has not been made yet.</summary>
    internal (Tensor View, Tensor? Gradient) Prepare(long first, long second = 0, long third = 0)
    {
        if (slices.TryGetValue((first, second, third), out var slice)) return slice;
        using var grad = no_grad();
        slice = (View(first, second, third), null);
        if (store.Trainable)
        {
            slice.Gradient = SliceOf(store.Gradients, Offset, first, second, third).DetachFromDisposeScope();
            slice.View.requires_grad_(true);
            slice.View.grad = slice.Gradient;
        }
        slices.Add((first, second, third), slice);
        return slice;
    }

    /// <summary>
    /// The convolution with a <see cref="Slice(long, long, long)"/> of this kernel: [N, C, H, W] -> [N, first, H', W']. That of a frozen
    /// store is laid out once.
    /// </summary>
    internal Tensor Convolve(
        Tensor x, (long First, long Second, long Third) slice, Tensor? bias, long[] stride, long[] padding, long groups = 1)
    {
        if (store.IsFrozen) return Packed(slice, stride, padding, groups).Of(x, bias);
        using var scope = NewDisposeScope();
        var weights = Slice(slice.First, slice.Second, slice.Third);
        return StridedConvolution.Of(x, weights, bias, stride, padding, groups).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The product of rows [N, second] with a <see cref="Slice(long, long, long)"/> of this matrix, and a bias: [N, first]. That of a
    /// frozen store is laid out once, as a kernel of one pixel: MKL lays it out at each product, which takes longer than the product where
    /// there are few rows.
    /// </summary>
    internal Tensor Multiply(Tensor x, long first, long second, Tensor? bias)
    {
        if (!store.IsFrozen || x.dim() != 2 || Parts != 1) return nn.functional.linear(x, Slice(first, second), bias);
        using var scope = NewDisposeScope();
        // Rows are pixels of one image: of several images oneDNN would read the matrix anew for each.
        var pixels = x.contiguous().view(1, x.shape[0], 1, second).permute(0, 3, 1, 2);
        var y = Packed((first, second, 0), s_step, s_none, groups: 1).Of(pixels, bias);
        return y.permute(0, 2, 3, 1).reshape(x.shape[0], first).MoveToOuterDisposeScope();
    }

    /// <summary>A slice as convolutions take it, laid out once; that of a matrix as a kernel of one pixel.</summary>
    private PackedConvolution Packed((long First, long Second, long Third) slice, long[] stride, long[] padding, long groups)
    {
        if (kernels.TryGetValue(slice, out var kernel)) return kernel.Packed;
        var view = View(slice.First, slice.Second, slice.Third);
        if (view.dim() == 2) view.unsqueeze_(2).unsqueeze_(3);
        kernels.Add(slice, kernel = (new(view, stride, padding, groups), view));
        return kernel.Packed;
    }

    private Tensor View(long first, long second, long third) =>
        SliceOf(store.Values, Offset, first, second, third).DetachFromDisposeScope();

    /// <summary>The slice of a smaller shape in 32 bits, as the state dict of the smaller network has it.</summary>
    public Tensor SliceOf(IReadOnlyList<long> shape)
    {
        var slice = SliceOf(store.Values, Offset, shape[0] / Parts, shape.Count > 1 ? shape[1] : 0, shape.Count > 2 ? shape[2] : 0);
        return Parts == 1 ? slice : slice.flatten(0, 1);
    }

    private Tensor SliceOf(Tensor flat, long offset, long first, long second, long third)
    {
        long[] sizes = [.. Shape];
        sizes[0] = first;
        if (second > 0) sizes[1] = second;
        if (third > 0) sizes[2] = third;
        if (third > 0 && Shape.Length == 4)
        {
            sizes[3] = third;
            offset += (Shape[2] - third) / 2 * (Strides[2] + Strides[3]);
        }
        return Parts == 1
            ? flat.as_strided(sizes, Strides, offset)
            : flat.as_strided([Parts, .. sizes], [Shape[0] / Parts * Strides[0], .. Strides], offset);
    }

    /// <summary>The shape of the only slice that was made; null where none was.</summary>
    internal long[]? SliceShape()
    {
        if (slices.Count == 0) return null;
        var shape = slices.Single().Value.View.shape;
        return Parts == 1 ? shape : [shape[0] * shape[1], .. shape[2..]];
    }

    /// <summary>Makes the parameter as small as a slice of it.</summary>
    internal void Shrink(long[] shape) => (Shape, Count) = (shape, shape.Aggregate(1L, (n, side) => n * side));

    internal void DisposeSlices()
    {
        foreach (var (view, gradient) in slices.Values)
        {
            view.Dispose();
            gradient?.Dispose();
        }
        slices.Clear();
        foreach (var (packed, view) in kernels.Values)
        {
            packed.Dispose();
            view.Dispose();
        }
        kernels.Clear();
    }
}
