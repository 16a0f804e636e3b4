using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>
/// A mixture of all architectures of a space by the probabilities of their choices, as the largest network computes it: DARTS (Liu et al.
/// 2019) over weights that are shared as slices. Where each choice is certain it is that architecture.
/// </summary>
/// <remarks>
/// The mixture of a layer's outputs over the widths of its input is one layer whose input channels are each worth the probability that they
/// are there; that of kernels one kernel of the largest side, each ring worth the probability that it is there; that of depths the sum of
/// the outputs after each number of blocks. Channels are masked where they are mixed with others (convolutions, matrices, LayerNorm's mean
/// and variance, the embedding), so a residual sum passes a mask once, and what treats each channel by itself, BatchNorm as well, needs
/// none. Masks are leaves of autograd: a step has several backward passes, and <see cref="Gradient"/> takes what all of them gave.
/// </remarks>
public sealed class Relaxation : IDisposable
{
    private readonly SearchSpace space;
    private readonly SliceSpans spans;
    private readonly IReadOnlyList<double[]> probabilities;
    private readonly Device device;
    private readonly Dictionary<string, Mask> masks = [];

    /// <summary>Begins a mixture; masks are made as layers ask for them.</summary>
    /// <param name="space">Whose architectures are mixed.</param>
    /// <param name="spans">Of the space.</param>
    /// <param name="probabilities">By axis, of its values.</param>
    /// <param name="device">Where the network is.</param>
    public Relaxation(SearchSpace space, SliceSpans spans, IReadOnlyList<double[]> probabilities, Device device) =>
        (this.space, this.spans, this.probabilities, this.device) = (space, spans, probabilities, device);

    /// <summary>The derivative by each probability of what went back through the masks since this was made.</summary>
    public double[][] Gradient()
    {
        using var scope = NewDisposeScope();
        double[][] gradient = [.. probabilities.Select(p => new double[p.Length])];
        foreach (var mask in masks.Values)
            if (mask.Values.grad is { } own) mask.AddTo(gradient, own.cpu().data<float>().ToArray());
        return gradient;
    }

    /// <summary>
    /// A kernel [out, in, h, w] or matrix […, out, in] whose input channels are each worth the probability that they are there.
    /// </summary>
    internal Tensor OfInputs(ParameterSlot slot, Tensor weights)
    {
        if (Channels(spans.Axes(slot.Key, 1), slot.Shape[1]) is not { } mask) return weights;
        using var scope = NewDisposeScope();
        var shape = Enumerable.Repeat(1L, (int)weights.dim()).ToArray();
        shape[weights.dim() - (slot.Shape.Length - 1)] = slot.Shape[1];
        return (weights * mask.Values.view(shape).to(weights.dtype)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// A depthwise kernel [C, 1, h, w] of the largest side whose rings are each worth the probability that they are there.
    /// </summary>
    internal Tensor OfRings(ParameterSlot slot, Tensor weights)
    {
        if (spans.Axes(slot.Key, 2) is not [var axis]) return weights;
        using var scope = NewDisposeScope();
        return (weights * Rings(axis).Values.to(weights.dtype)).MoveToOuterDisposeScope();
    }

    /// <summary>The probability of each channel that a vector parameter [C] has a value for; null where all are certain.</summary>
    internal Tensor? OfChannels(ParameterSlot slot) => Channels(spans.Axes(slot.Key, 0), slot.Shape[0])?.Values;

    /// <summary>
    /// The last output, [N, C, H, W] or tokens [N, 1 + T, C], whose channels are each worth the probability that they are there.
    /// </summary>
    internal Tensor OfOutput(Tensor last)
    {
        var segment = space.Segments[^1];
        if (segment.ChannelAxis < 0) return last;
        var channels = last.shape[last.dim() == 4 ? 1 : 2];
        if (Channels([segment.ChannelAxis], channels) is not { } mask) return last;
        using var scope = NewDisposeScope();
        return (last * (last.dim() == 4 ? mask.Values.view(1, channels, 1, 1) : mask.Values).to(last.dtype)).MoveToOuterDisposeScope();
    }

    /// <summary>What the output after so many blocks of a segment is worth, a scalar; null where that is no choice of its depth.</summary>
    internal Tensor? OfDepth(int segment, int blocks)
    {
        if (space.Segments[segment].DepthAxis is var axis && (axis < 0 || probabilities[axis].Length == 1)) return null;
        var place = space.Axes[axis].Values.AsSpan().BinarySearch(blocks);
        return place < 0 ? null : Depths(axis).Values[place];
    }

    /// <summary>The leading channels that choices keep: [length].</summary>
    private Mask? Channels(int[] axes, long length)
    {
        int[] open = [.. axes.Where(axis => probabilities[axis].Length > 1)];
        if (open.Length == 0) return null;
        return Made($"channels {string.Join(' ', open)} {length}", () =>
        {
            var cases = Cases(open).Select(digits => (digits, Enumerable.Range(0, (int)Count(digits)).ToArray())).ToArray();
            return (open, cases, [length]);
        });

        long Count(int[] digits) => open.Zip(digits, (axis, digit) => (Axis: space.Axes[axis], Digit: digit))
            .Aggregate(length, (n, choice) => n * choice.Axis.Values[choice.Digit] / choice.Axis.Max);
    }

    /// <summary>The centre of a kernel: [largest, largest].</summary>
    private Mask Rings(int axis) => Made($"rings {axis}", () =>
    {
        var side = space.Axes[axis].Max;
        return ([axis], Cases([axis]).Select(digits => (digits, Centre(space.Axes[axis].Values[digits[0]]))).ToArray(), [side, side]);

        int[] Centre(int own)
        {
            var ring = Enumerable.Range((side - own) / 2, own);
            return [.. from row in ring from column in ring select row * side + column];
        }
    });

    /// <summary>The probabilities themselves.</summary>
    private Mask Depths(int axis) => Made(
        $"depths {axis}",
        () => ([axis], Cases([axis]).Select(digits => (digits, new[] { digits[0] })).ToArray(), [probabilities[axis].Length]));

    private Mask Made(string key, Func<(int[] Axes, (int[] Digits, int[] Places)[] Cases, long[] Shape)> make)
    {
        if (masks.TryGetValue(key, out var mask)) return mask;
        var (axes, cases, shape) = make();
        masks.Add(key, mask = new(probabilities, axes, cases, shape, device));
        return mask;
    }

    /// <summary>Every choice of values of some axes.</summary>
    private IEnumerable<int[]> Cases(int[] axes)
    {
        IEnumerable<int[]> cases = [[]];
        foreach (var length in axes.Select(axis => probabilities[axis].Length))
            cases = cases.SelectMany(digits => Enumerable.Range(0, length).Select(digit => (int[])[.. digits, digit]));
        return cases;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var mask in masks.Values) mask.Values.Dispose();
    }

    /// <summary>The probability that each of some places is kept, a leaf of autograd.</summary>
    private sealed class Mask
    {
        private readonly IReadOnlyList<double[]> probabilities;
        private readonly int[] axes;
        private readonly (int[] Digits, int[] Places)[] cases;

        public Mask(
            IReadOnlyList<double[]> probabilities, int[] axes, (int[] Digits, int[] Places)[] cases, long[] shape, Device device)
        {
            (this.probabilities, this.axes, this.cases) = (probabilities, axes, cases);
            var values = new double[shape.Aggregate(1L, (product, side) => product * side)];
            foreach (var (digits, places) in cases)
                foreach (var place in places)
                    values[place] += Probability(digits, except: -1);
            using var scope = NewDisposeScope();
            Values = tensor(Array.ConvertAll(values, value => (float)value), shape, device: device).requires_grad_(true)
                .DetachFromDisposeScope();
        }

        public Tensor Values { get; }

        public void AddTo(double[][] gradient, float[] own)
        {
            foreach (var (digits, places) in cases)
            {
                var sum = places.Sum(place => (double)own[place]);
                for (var k = 0; k < axes.Length; k++) gradient[axes[k]][digits[k]] += sum * Probability(digits, except: k);
            }
        }

        private double Probability(int[] digits, int except)
        {
            var product = 1.0;
            for (var k = 0; k < axes.Length; k++)
                if (k != except) product *= probabilities[axes[k]][digits[k]];
            return product;
        }
    }
}
