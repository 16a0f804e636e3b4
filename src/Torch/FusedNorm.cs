using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DataSsl.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Torch;

/// <summary>
/// BatchNorm by the statistics of the batch, a sum and an activation as one operation. Channels-last maps on the CPU take two passes, where
/// libtorch takes two for the norm and two for each of the others; back likewise. Everything else takes libtorch's own operators, one after
/// the other.
/// </summary>
public static unsafe class FusedNorm
{
    /// <summary>Fewer values are not worth another thread.</summary>
    private const nint FewestValues = 1 << 14;

    /// <summary>
    /// Whether the fused passes take a map: a channels-last one on the CPU, in float32 or bfloat16, with more than one value a channel.
    /// </summary>
    public static bool Takes(Tensor x) =>
        x.device_type == DeviceType.CPU && x.dtype is ScalarType.Float32 or ScalarType.BFloat16 && Aten.IsChannelsLast(x)
            && x.numel() > Aten.Sizes(x)[1];

    /// <summary>activation(norm(x) * scale + shift + added), differentiable by each.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="scale">[C], in 32 bits.</param>
    /// <param name="shift">[C], in 32 bits.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="activation">Comes last.</param>
    /// <param name="added">A map of the shape and type of x; null for none.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static Tensor Of(Tensor x, Tensor scale, Tensor shift, double epsilon, Activation activation, Tensor? added)
    {
        Check(x, scale, shift, added);
        return Takes(x) ? Fused(x, scale, shift, epsilon, activation, added) : Plain(x, scale, shift, epsilon, activation, added);
    }

    /// <summary>The same into x itself, where <see cref="Takes"/> says so and no gradient is wanted.</summary>
    /// <exception cref="InvalidOperationException">Gradients are on.</exception>
    /// <exception cref="ArgumentException">The shapes do not go together, or the map is none that <see cref="Takes"/>.</exception>
    public static Tensor InPlace(Tensor x, Tensor scale, Tensor shift, double epsilon, Activation activation, Tensor? added)
    {
        if (is_grad_enabled()) throw new InvalidOperationException("in place there is no gradient: use no_grad()");
        Check(x, scale, shift, added);
        if (!Takes(x)) throw new ArgumentException("a channels-last map [N, C, H, W] in float32 or bfloat16 on the CPU is wanted");
        using var laid = added is null || Aten.IsChannelsLast(added) ? null : MemoryFormat.ChannelsLast(added);
        Forward(x, scale, shift, epsilon, activation, laid ?? added, x).Dispose();
        return x;
    }

    /// <summary>The same by libtorch's operators, for any device and layout.</summary>
    internal static Tensor Plain(Tensor x, Tensor scale, Tensor shift, double epsilon, Activation activation, Tensor? added)
    {
        using var scope = NewDisposeScope();
        var y = functional.batch_norm(x, null, null, scale, shift, training: true, momentum: 0, eps: epsilon);
        if (added is not null) y.add_(added);
        return activation.Into(y).MoveToOuterDisposeScope();
    }

    private static Tensor Fused(Tensor x, Tensor scale, Tensor shift, double epsilon, Activation activation, Tensor? added)
    {
        // What TorchSharp keeps of the call, an empty map as large as the result among it, ends with the scope; what backward needs the
        // graph keeps.
        using var scope = NewDisposeScope();
        var laid = added is null ? null : MemoryFormat.ChannelsLast(added);
        if (!is_grad_enabled())
        {
            var y = empty_like(x);
            Forward(x, scale, shift, epsilon, activation, laid, y);
            return y.MoveToOuterDisposeScope();
        }
        return (laid is null ? Function.apply(x, scale, shift, epsilon, activation)
                : Function.apply(x, scale, shift, epsilon, activation, laid))
            .MoveToOuterDisposeScope();
    }

    private static void Check(Tensor x, Tensor scale, Tensor shift, Tensor? added)
    {
        var sizes = Aten.Sizes(x);
        if (sizes.Length < 2 || scale.numel() != sizes[1] || shift.numel() != sizes[1])
            throw new ArgumentException("scale and shift need one value for each channel of [N, C, H, W]");
        if (added is not null && (added.dtype != x.dtype || !Aten.Sizes(added).SequenceEqual(sizes)))
            throw new ArgumentException("what is added must have the map's shape and type");
    }

    /// <summary>Fills y, which may be x. Gives the statistics [2, C]: mean and inverse deviation.</summary>
    private static Tensor Forward(Tensor x, Tensor scale, Tensor shift, double epsilon, Activation activation, Tensor? added, Tensor y)
    {
        var map = new Map(x);
        var (channels, length) = (map.Channels, map.Length);
        void* source = Aten.Data(x), target = Aten.Data(y), other = added is null ? null : Aten.Data(added);
        float* weight = (float*)Aten.Data(scale), bias = (float*)Aten.Data(shift);
        var statistics = empty(2, channels);
        float* mean = (float*)Aten.Data(statistics), deviation = mean + channels;

        // Sums of squares cancel where the mean is far from zero, so they are taken from a value near it: the first pixel's.
        using var rows = new Room<float>(3 * length);
        float* centre = rows.Pointer, factor = centre + length, offset = factor + length;
        map.Kernels.Widen(source, channels, centre);
        NormChannels.Repeat(centre, length, channels);
        using var sums = map.Sums((part, into) => map.Kernels.Moments(source, centre, part, into, into + length));
        NormChannels.Forward(
            sums.Pointer, centre, map.Values / channels, epsilon, weight, bias, channels, mean, deviation, factor, offset);
        NormChannels.Repeat(factor, length, channels);
        NormChannels.Repeat(offset, length, channels);
        map.Run((_, part) => map.Kernels.Apply(source, other, factor, offset, activation, part, target));
        GC.KeepAlive((x, scale, shift, added, y));
        return statistics;
    }

    private static (Tensor X, Tensor Scale, Tensor Shift, Tensor? Added) Backward(
        Tensor gradient, Tensor x, Tensor? y, Tensor scale, Tensor statistics, Activation activation, bool adds)
    {
        var map = new Map(x);
        var (channels, length) = (map.Channels, map.Length);
        Tensor byX = empty_like(x), byScale = empty(channels), byShift = empty(channels);
        // What was added gets the gradient behind the activation, and the second pass reads it there.
        var through = !adds ? null : activation == Activation.None ? gradient.alias() : empty_like(x);
        void* source = Aten.Data(x), incoming = Aten.Data(gradient), target = Aten.Data(byX), output = y is null ? null : Aten.Data(y);
        var passed = through is null || activation == Activation.None ? null : Aten.Data(through);
        float* weight = (float*)Aten.Data(scale), mean = (float*)Aten.Data(statistics), deviation = mean + channels;

        using var rows = new Room<float>(3 * length);
        float* factor = rows.Pointer, slope = factor + length, offset = slope + length;
        Unsafe.CopyBlock(factor, mean, (uint)(channels * sizeof(float)));
        NormChannels.Repeat(factor, length, channels);
        using var sums = map.Sums(
            (part, into) => map.Kernels.MomentsBack(source, output, incoming, factor, activation, part, into, into + length, passed));
        NormChannels.Backward(
            sums.Pointer, map.Values / channels, weight, mean, deviation, channels, (float*)Aten.Data(byScale),
            (float*)Aten.Data(byShift), factor, slope, offset);
        foreach (var row in (ReadOnlySpan<nint>)[(nint)factor, (nint)slope, (nint)offset])
            NormChannels.Repeat((float*)row, length, channels);
        var from = passed == null ? incoming : passed;
        var left = passed == null ? activation : Activation.None;
        map.Run((_, part) => map.Kernels.ApplyBack(source, output, from, factor, slope, offset, left, part, target));
        GC.KeepAlive((gradient, x, y, scale, statistics, through));
        return (byX, byScale, byShift, through);
    }

    /// <summary>The operation as autograd knows it: x, scale, shift, epsilon, activation and, where something is added, that.</summary>
    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        private const string WithActivation = "activation", WithAdded = "added";

        /// <summary>
        /// What the last backward on this thread gave: libtorch has taken its own references since, and TorchSharp leaves ours to us.
        /// </summary>
        [ThreadStatic] private static List<Tensor?>? s_given;

        public override string Name => nameof(FusedNorm);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (x, scale, shift, epsilon, activation) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (double)vars[3],
                (Activation)vars[4]);
            var added = vars.Length > 5 ? (Tensor)vars[5] : null;
            var y = empty_like(x);
            var statistics = Forward(x, scale, shift, epsilon, activation, added, y);
            ctx.save_for_backward(activation == Activation.None ? [x, scale, statistics] : [x, scale, statistics, y]);
            ctx.save_data(WithActivation, activation);
            ctx.save_data(WithAdded, added is not null);
            return y;
        }

        public override List<Tensor?> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            s_given?.ForEach(tensor => tensor?.Dispose());
            using var scope = NewDisposeScope();
            var (activation, adds) = ((Activation)ctx.get_data(WithActivation), (bool)ctx.get_data(WithAdded));
            var saved = ctx.get_saved_variables();
            // The graph would keep the maps until all of it is freed; nobody goes back twice.
            ctx.Dispose();
            var gradient = MemoryFormat.ChannelsLast(grad_output.to(saved[0].dtype));
            var (byX, byScale, byShift, byAdded) = Backward(
                gradient, saved[0], saved.Count > 3 ? saved[3] : null, saved[1], saved[2], activation, adds);
            foreach (var tensor in (ReadOnlySpan<Tensor?>)[byX, byScale, byShift, byAdded]) tensor?.MoveToOuterDisposeScope();
            // It was made for this call, and nobody else frees it.
            grad_output.Dispose();
            s_given = adds ? [byX, byScale, byShift, null, null, byAdded] : [byX, byScale, byShift, null, null];
            return s_given!;
        }
    }

    /// <summary>Native memory for a while.</summary>
    private readonly struct Room<T>(nint length) : IDisposable where T : unmanaged
    {
        public T* Pointer { get; } = (T*)NativeMemory.AlignedAlloc((nuint)(length * sizeof(T)), 64);

        public void Dispose() => NativeMemory.AlignedFree(Pointer);
    }

    /// <summary>A map cut into rows, and the rows into blocks, one a thread.</summary>
    private readonly struct Map
    {
        /// <summary>Rows of few channels hold several pixels, about so many values.</summary>
        private const nint About = 256;

        private readonly int blocks;

        public Map(Tensor x)
        {
            (Values, Channels, Kernels) = ((nint)x.numel(), (nint)Aten.Sizes(x)[1], NormKernels.Of(x.dtype));
            // Whole vectors a row, where that does not make rows of thousands.
            var whole = Lanes.Count / Gcd(Channels, Lanes.Count);
            var pixels = Math.Max(1, About / Channels);
            if (whole * Channels <= 4 * About) pixels = (pixels + whole - 1) / whole * whole;
            Length = pixels * Channels;
            blocks = (int)Math.Max(1, Math.Min(get_num_threads(), Values / Math.Max(FewestValues, Length)));

            static nint Gcd(nint a, nint b) => b == 0 ? a : Gcd(b, a % b);
        }

        public nint Values { get; }

        public nint Channels { get; }

        public nint Length { get; }

        public NormKernels Kernels { get; }

        /// <summary>Runs every block, by its number.</summary>
        public void Run(Action<int, Rows> body)
        {
            var map = this;
            if (blocks == 1) body(0, Part(0));
            else IntraOp.For(blocks, block => body(block, map.Part(block)));
        }

        /// <summary>Two sums a channel, [2, C]: what the blocks found at each place of a row, always joined in the same order.</summary>
        /// <param name="body">Fills [2, length], which is zero at first.</param>
        public Room<double> Sums(Summing body)
        {
            var length = Length;
            using var found = new Room<double>(blocks * 2 * length);
            new Span<byte>(found.Pointer, (int)(blocks * 2 * length * sizeof(double))).Clear();
            var pointer = found.Pointer;
            Run((block, rows) => body(rows, pointer + block * 2 * length));
            var sums = new Room<double>(2 * Channels);
            for (nint kind = 0; kind < 2; kind++)
            {
                var into = sums.Pointer + kind * Channels;
                new Span<double>(into, (int)Channels).Clear();
                for (nint block = 0; block < blocks; block++)
                    NormChannels.Add(found.Pointer + (block * 2 + kind) * length, length, into, Channels);
            }
            return sums;
        }

        private Rows Part(int block)
        {
            var rows = (Values + Length - 1) / Length;
            return new(rows * block / blocks * Length, nint.Min(Values, rows * (block + 1) / blocks * Length), Length);
        }
    }

    private delegate void Summing(Rows rows, double* into);
}
