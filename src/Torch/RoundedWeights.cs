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

    /// <summary>Values that a thread takes at a time, about.</summary>
    private const long Block = 1 << 15;

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
    /// <param name="from">In bfloat16; where it does not lie in the order of the other it is laid so first.</param>
    internal static void Add(Tensor into, Tensor from)
    {
        var (sizes, apart) = Runs(Aten.Sizes(into), into.stride(), from.stride());
        if (sizes is null)
        {
            into.add_(from);
            return;
        }
        var (length, rows) = (sizes[^1], 1L);
        foreach (var size in sizes[..^1]) rows *= size;
        float* target = (float*)Aten.Data(into);
        var source = (ushort*)Aten.Data(from);
        // Parts are some rows each, or a part of the only one.
        var few = rows == 1 ? Block : Math.Max(1, Block / length);
        var all = rows == 1 ? length : rows;
        IntraOp.For(
            (int)((all + few - 1) / few), part =>
            {
                var (first, end) = (part * few, Math.Min(all, (part + 1) * few));
                var work = rows == 1
                    ? new Addition(target + first, source + first, end - first, [], [], 0, 1)
                    : new Addition(target, source, length, sizes, apart, first, end);
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

    /// <summary>Adds rows [first, end) of a source that is dense to a target that need not be.</summary>
    private struct Addition(float* target, ushort* source, long length, long[] sizes, long[] apart, long first, long end) : IVectorWork
    {
        public void Run<TVector>() where TVector : unmanaged, IVector<TVector>
        {
            for (var row = first; row < end; row++)
            {
                var (place, rest) = (0L, row);
                for (var i = sizes.Length - 2; i >= 0; i--)
                {
                    place += rest % sizes[i] * apart[i];
                    rest /= sizes[i];
                }
                Row<TVector>(target + place, source + row * length);
            }
        }

        private readonly void Row<TVector>(float* into, ushort* from) where TVector : unmanaged, IVector<TVector>
        {
            nint i = 0, width = sizeof(TVector) / sizeof(float);
            for (; i <= (nint)length - width; i += width)
                (TVector.Load(into + i) + Brain16.Load<TVector>(from, i)).Store(into + i);
            for (; i < (nint)length; i++) into[i] += Brain16.Load(from, i);
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
