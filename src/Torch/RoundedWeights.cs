using DataSsl.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Torch;

/// <summary>
/// A slice of weights in bfloat16, whose gradient is widened and added to the slice's in one pass. Autograd by itself writes a 32-bit copy
/// first and then adds that: twice the memory to walk, on a supernet a twentieth of a step.
/// </summary>
public static unsafe class RoundedWeights
{
    /// <summary>Of fewer weights a call into .NET takes longer than the passes that it saves.</summary>
    public const long Fewest = 1 << 16;

    /// <summary>Values that a thread takes at a time.</summary>
    private const nint Block = 1 << 15;

    /// <summary>The weights rounded to bfloat16, differentiable: what comes back is added to their own gradient, in 32 bits.</summary>
    /// <param name="weights">A leaf of any shape in 32 bits.</param>
    /// <param name="gradient">Its gradient, which stays its own; null where it has none.</param>
    public static Tensor Of(Tensor weights, Tensor? gradient)
    {
        if (gradient is null || weights.numel() < Fewest || weights.device_type != DeviceType.CPU || !is_grad_enabled())
            return weights.to(ScalarType.BFloat16);
        // What TorchSharp keeps of the call ends with the scope.
        using var scope = NewDisposeScope();
        return Function.apply(weights, new Sum(gradient)).MoveToOuterDisposeScope();
    }

    /// <summary>into += from, of one shape.</summary>
    /// <param name="into">In 32 bits, of any strides.</param>
    /// <param name="from">In bfloat16; where it is not dense in the order of the other, libtorch adds it.</param>
    internal static void Add(Tensor into, Tensor from)
    {
        var (sizes, apart) = Runs(Aten.Sizes(into), into.stride(), from.stride());
        if (sizes is null)
        {
            into.add_(from);
            return;
        }
        var (target, source, count) = ((nint)Aten.Data(into), (nint)Aten.Data(from), (nint)from.numel());
        IntraOp.For(
            (int)((count + Block - 1) / Block), part =>
            {
                var work = new Addition((float*)target, (ushort*)source, sizes, apart, part * Block, nint.Min(count, (part + 1) * Block));
                Lanes.Run(Lanes.Best, ref work);
            });
        GC.KeepAlive((into, from));
    }

    /// <summary>
    /// Both tensors as rows that are dense in both: sizes of the outer dimensions, outermost first, and the rows' length; and the target's
    /// strides. Null where they are not in one order, or the source is not dense.
    /// </summary>
    private static (long[]? Sizes, long[] Apart) Runs(ReadOnlySpan<long> shape, long[] into, long[] from)
    {
        List<(long Size, long Into, long From)> dimensions = [];
        for (var i = 0; i < shape.Length; i++)
            if (shape[i] > 1) dimensions.Add((shape[i], into[i], from[i]));
        dimensions.Sort((a, b) => b.From.CompareTo(a.From));
        var dense = 1L;
        List<(long Size, long Apart)> runs = [(1, 1)];
        for (var i = dimensions.Count - 1; i >= 0; i--)
        {
            var (size, apart, place) = dimensions[i];
            if (place != dense) return (null, []);
            dense *= size;
            // Lies behind the run before without a gap.
            if (apart == runs[0].Size * runs[0].Apart) runs[0] = (runs[0].Size * size, runs[0].Apart);
            else if (runs.Count == 1 && runs[0].Size == 1) return (null, []);
            else runs.Insert(0, (size, apart));
        }
        return ([.. runs.Select(run => run.Size)], [.. runs.Select(run => run.Apart)]);
    }

    /// <summary>Where gradients are summed; no tensor that autograd would look for a gradient of.</summary>
    private sealed record Sum(Tensor Gradient);

    /// <summary>Adds values [first, end) of a source that is dense to a target that need not be, row by row.</summary>
    private struct Addition(float* target, ushort* source, long[] sizes, long[] apart, nint first, nint end) : IVectorWork
    {
        public void Run<TVector>() where TVector : unmanaged, IVector<TVector>
        {
            for (nint at = first, count; at < end; at += count)
            {
                var (row, place) = Math.DivRem(at, (nint)sizes[^1]);
                count = nint.Min((nint)sizes[^1] - place, end - at);
                for (var i = sizes.Length - 2; i >= 0; i--)
                {
                    (row, var index) = Math.DivRem(row, (nint)sizes[i]);
                    place += index * (nint)apart[i];
                }
                Row<TVector>(target + place, source + at, count);
            }
        }

        private static void Row<TVector>(float* into, ushort* from, nint count) where TVector : unmanaged, IVector<TVector>
        {
            nint i = 0, width = sizeof(TVector) / sizeof(float);
            for (; i <= count - width; i += width) (TVector.Load(into + i) + Brain16.Load<TVector>(from, i)).Store(into + i);
            for (; i < count; i++) into[i] += Brain16.Load(from, i);
        }
    }

    /// <summary>The rounding as autograd knows it: weights, and where their gradients are summed.</summary>
    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        private const string WithSum = "sum";

        public override string Name => nameof(RoundedWeights);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            using var grad = no_grad();
            ctx.save_data(WithSum, vars[1]);
            return ((Tensor)vars[0]).to(ScalarType.BFloat16);
        }

        public override List<Tensor?> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            using var grad = no_grad();
            Add(((Sum)ctx.get_data(WithSum)).Gradient, grad_output);
            ctx.Dispose();
            // It was made for this call, and nobody else frees it.
            grad_output.Dispose();
            return [null, null];
        }
    }
}
