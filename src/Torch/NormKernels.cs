using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DataSsl.Kernels;
using static TorchSharp.torch;

namespace DataSsl.Torch;

/// <summary>
/// A stretch of a map as rows of <paramref name="Length"/> values, a multiple of the channels: the values of one place in a row are all of
/// one channel. The last row of a map may be shorter.
/// </summary>
internal readonly record struct Rows(nint First, nint End, nint Length);

/// <summary>The passes of <see cref="FusedNorm"/> over a stretch of a map.</summary>
internal abstract unsafe class NormKernels
{
    private static readonly NormKernels s_single = Widest<Single32>(), s_brain = Widest<Brain16>();

    /// <summary>Those for float32 or bfloat16, in the widest vectors of the machine.</summary>
    public static NormKernels Of(ScalarType type) => type == ScalarType.BFloat16 ? s_brain : s_single;

    /// <summary>The first values of a map in 32 bits.</summary>
    public abstract void Widen(void* x, nint count, float* into);

    /// <summary>sums[l] and squares[l]: of value - shift, over the rows.</summary>
    public abstract void Moments(void* x, float* shift, Rows rows, double* sums, double* squares);

    /// <summary>y = activation(x * factor + offset + added); <paramref name="added"/> may be null, and y may be x.</summary>
    public abstract void Apply(void* x, void* added, float* factor, float* offset, Activation activation, Rows rows, void* y);

    /// <summary>
    /// sums[l]: of the gradient behind the activation; products[l]: of it times (x - mean). That gradient is stored where
    /// <paramref name="through"/> is not null.
    /// </summary>
    public abstract void MomentsBack(
        void* x, void* y, void* gradient, float* mean, Activation activation, Rows rows, double* sums, double* products, void* through);

    /// <summary>
    /// The gradient by x: (the gradient behind the activation) * factor + x * slope + offset. The result may be the gradient's own memory.
    /// </summary>
    public abstract void ApplyBack(
        void* x, void* y, void* gradient, float* factor, float* slope, float* offset, Activation activation, Rows rows, void* result);

    private static NormKernels Widest<TElement>() where TElement : unmanaged, IElement
    {
        var choice = new Choice<TElement>();
        Lanes.Run(Lanes.Best, ref choice);
        return choice.Made!;
    }

    private struct Choice<TElement> : IVectorWork where TElement : unmanaged, IElement
    {
        public NormKernels? Made { get; private set; }

        public void Run<TVector>() where TVector : unmanaged, IVector<TVector> => Made = new NormKernels<TVector, TElement>();
    }
}

/// <summary>The same, written once for every width of vectors and both kinds of values.</summary>
internal sealed unsafe class NormKernels<TVector, TElement> : NormKernels
    where TVector : unmanaged, IVector<TVector> where TElement : unmanaged, IElement
{
    /// <summary>Sums are kept in 32 bits over so many rows, and then added to those in 64.</summary>
    private const int RowsAtOnce = 64;

    public override void Widen(void* x, nint count, float* into)
    {
        nint i = 0;
        for (; i + TVector.Width <= count; i += TVector.Width) TElement.Load<TVector>(x, i).Store(into + i);
        for (; i < count; i++) into[i] = TElement.Load(x, i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Moments(void* x, float* shift, Rows rows, double* sums, double* squares)
    {
        var partial = stackalloc float[2 * TVector.Width];
        for (var start = rows.First; start < rows.End; start += RowsAtOnce * rows.Length)
        {
            var end = nint.Min(rows.End, start + RowsAtOnce * rows.Length);
            nint l = 0;
            // A column of rows at a time, whose sums stay in registers; the stretch stays in the cache.
            for (; l + TVector.Width <= rows.Length; l += TVector.Width)
            {
                TVector centre = TVector.Load(shift + l), s = default, q = default, s2 = default, q2 = default;
                var at = start + l;
                for (; at + rows.Length + TVector.Width <= end; at += 2 * rows.Length)
                {
                    var value = TElement.Load<TVector>(x, at) - centre;
                    var next = TElement.Load<TVector>(x, at + rows.Length) - centre;
                    s += value;
                    s2 += next;
                    q = TVector.MultiplyAdd(value, value, q);
                    q2 = TVector.MultiplyAdd(next, next, q2);
                }
                for (; at + TVector.Width <= end; at += rows.Length)
                {
                    var value = TElement.Load<TVector>(x, at) - centre;
                    s += value;
                    q = TVector.MultiplyAdd(value, value, q);
                }
                Add(s + s2, q + q2, partial, sums + l, squares + l);
                for (var rest = at; rest < end; rest++) One(rest, (rest - rows.First) % rows.Length);
            }
            for (; l < rows.Length; l++)
                for (var at = start + l; at < end; at += rows.Length) One(at, l);
        }

        void One(nint at, nint l)
        {
            var value = TElement.Load(x, at) - shift[l];
            sums[l] += value;
            squares[l] += (double)value * value;
        }
    }

    public override void Apply(void* x, void* added, float* factor, float* offset, Activation activation, Rows rows, void* y)
    {
        switch (activation)
        {
            case Activation.None: Apply<AsItIs>(x, added, factor, offset, rows, y); break;
            case Activation.Relu: Apply<Positive>(x, added, factor, offset, rows, y); break;
            default: Apply<UpToSix>(x, added, factor, offset, rows, y); break;
        }
    }

    public override void MomentsBack(
        void* x, void* y, void* gradient, float* mean, Activation activation, Rows rows, double* sums, double* products, void* through)
    {
        switch (activation)
        {
            case Activation.None: MomentsBack<AsItIs>(x, y, gradient, mean, rows, sums, products, through); break;
            case Activation.Relu: MomentsBack<Positive>(x, y, gradient, mean, rows, sums, products, through); break;
            default: MomentsBack<UpToSix>(x, y, gradient, mean, rows, sums, products, through); break;
        }
    }

    public override void ApplyBack(
        void* x, void* y, void* gradient, float* factor, float* slope, float* offset, Activation activation, Rows rows, void* result)
    {
        switch (activation)
        {
            case Activation.None: ApplyBack<AsItIs>(x, y, gradient, factor, slope, offset, rows, result); break;
            case Activation.Relu: ApplyBack<Positive>(x, y, gradient, factor, slope, offset, rows, result); break;
            default: ApplyBack<UpToSix>(x, y, gradient, factor, slope, offset, rows, result); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Apply<TActivation>(void* x, void* added, float* factor, float* offset, Rows rows, void* y)
        where TActivation : IActivation
    {
        for (var row = rows.First; row < rows.End; row += rows.Length)
        {
            var count = nint.Min(rows.Length, rows.End - row);
            nint l = 0;
            if (added == null)
                for (; l + TVector.Width <= count; l += TVector.Width)
                    TElement.Store(
                        TActivation.Of(
                            TVector.MultiplyAdd(TElement.Load<TVector>(x, row + l), TVector.Load(factor + l), TVector.Load(offset + l))),
                        y, row + l);
            else
                for (; l + TVector.Width <= count; l += TVector.Width)
                {
                    var value = TVector.MultiplyAdd(TElement.Load<TVector>(x, row + l), TVector.Load(factor + l), TVector.Load(offset + l));
                    TElement.Store(TActivation.Of(value + TElement.Load<TVector>(added, row + l)), y, row + l);
                }
            for (; l < count; l++)
            {
                var value = MathF.FusedMultiplyAdd(TElement.Load(x, row + l), factor[l], offset[l]);
                TElement.Store(TActivation.Of(added == null ? value : value + TElement.Load(added, row + l)), y, row + l);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MomentsBack<TActivation>(
        void* x, void* y, void* gradient, float* mean, Rows rows, double* sums, double* products,
        void* through) where TActivation : IActivation
    {
        var partial = stackalloc float[2 * TVector.Width];
        for (var start = rows.First; start < rows.End; start += RowsAtOnce * rows.Length)
        {
            var end = nint.Min(rows.End, start + RowsAtOnce * rows.Length);
            nint l = 0;
            for (; l + TVector.Width <= rows.Length; l += TVector.Width)
            {
                TVector centre = TVector.Load(mean + l), s = default, p = default;
                var at = start + l;
                for (; at + TVector.Width <= end; at += rows.Length)
                {
                    var value = TElement.Load<TVector>(gradient, at);
                    if (TActivation.HasCorner) value = TActivation.Passed(value, TElement.Load<TVector>(y, at));
                    s += value;
                    p = TVector.MultiplyAdd(value, TElement.Load<TVector>(x, at) - centre, p);
                    if (through != null) TElement.Store(value, through, at);
                }
                Add(s, p, partial, sums + l, products + l);
                for (var rest = at; rest < end; rest++) One(rest, (rest - rows.First) % rows.Length);
            }
            for (; l < rows.Length; l++)
                for (var at = start + l; at < end; at += rows.Length) One(at, l);
        }

        void One(nint at, nint l)
        {
            var value = TElement.Load(gradient, at);
            if (TActivation.HasCorner) value = TActivation.Passed(value, TElement.Load(y, at));
            sums[l] += value;
            products[l] += (double)value * (TElement.Load(x, at) - mean[l]);
            if (through != null) TElement.Store(value, through, at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ApplyBack<TActivation>(
        void* x, void* y, void* gradient, float* factor, float* slope, float* offset, Rows rows,
        void* result) where TActivation : IActivation
    {
        for (var row = rows.First; row < rows.End; row += rows.Length)
        {
            var count = nint.Min(rows.Length, rows.End - row);
            nint l = 0;
            for (; l + TVector.Width <= count; l += TVector.Width)
            {
                var value = TElement.Load<TVector>(gradient, row + l);
                if (TActivation.HasCorner) value = TActivation.Passed(value, TElement.Load<TVector>(y, row + l));
                var own = TVector.MultiplyAdd(TElement.Load<TVector>(x, row + l), TVector.Load(slope + l), TVector.Load(offset + l));
                TElement.Store(TVector.MultiplyAdd(value, TVector.Load(factor + l), own), result, row + l);
            }
            for (; l < count; l++)
            {
                var value = TElement.Load(gradient, row + l);
                if (TActivation.HasCorner) value = TActivation.Passed(value, TElement.Load(y, row + l));
                TElement.Store(
                    MathF.FusedMultiplyAdd(value, factor[l], MathF.FusedMultiplyAdd(TElement.Load(x, row + l), slope[l], offset[l])),
                    result, row + l);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(TVector a, TVector b, float* partial, double* sums, double* others)
    {
        a.Store(partial);
        b.Store(partial + TVector.Width);
        NormChannels.AddSingle(partial, TVector.Width, sums);
        NormChannels.AddSingle(partial + TVector.Width, TVector.Width, others);
    }

    private interface IActivation
    {
        /// <summary>Whether a gradient passes at some values only.</summary>
        static abstract bool HasCorner { get; }

        static abstract TVector Of(TVector value);

        static abstract float Of(float value);

        /// <summary>The gradient where the activation's result lets it pass, and zero elsewhere.</summary>
        static abstract TVector Passed(TVector gradient, TVector result);

        static abstract float Passed(float gradient, float result);
    }

    private readonly struct AsItIs : IActivation
    {
        public static bool HasCorner => false;

        public static TVector Of(TVector value) => value;

        public static float Of(float value) => value;

        public static TVector Passed(TVector gradient, TVector result) => gradient;

        public static float Passed(float gradient, float result) => gradient;
    }

    private readonly struct Positive : IActivation
    {
        public static bool HasCorner => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Of(TVector value) => TVector.Max(default, value);

        public static float Of(float value) => value < 0 ? 0 : value;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Passed(TVector gradient, TVector result) => WhereLess(default, result, gradient);

        public static float Passed(float gradient, float result) => result > 0 ? gradient : 0;
    }

    private readonly struct UpToSix : IActivation
    {
        private const float Most = 6;

        public static bool HasCorner => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Of(TVector value) => TVector.Min(TVector.Broadcast(Most), TVector.Max(default, value));

        public static float Of(float value) => value < 0 ? 0 : value > Most ? Most : value;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Passed(TVector gradient, TVector result) =>
            WhereLess(result, TVector.Broadcast(Most), WhereLess(default, result, gradient));

        public static float Passed(float gradient, float result) => result > 0 && result < Most ? gradient : 0;
    }

    /// <summary>The value where a is less than b, and zero elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector WhereLess(TVector a, TVector b, TVector value)
    {
        if (typeof(TVector) == typeof(Lanes512))
            return Unsafe.BitCast<Vector512<float>, TVector>(Vector512.LessThan(Cast512(a), Cast512(b)) & Cast512(value));
        if (typeof(TVector) == typeof(Lanes256))
            return Unsafe.BitCast<Vector256<float>, TVector>(Vector256.LessThan(Cast256(a), Cast256(b)) & Cast256(value));
        return Unsafe.BitCast<Vector128<float>, TVector>(Vector128.LessThan(Cast128(a), Cast128(b)) & Cast128(value));

        static Vector512<float> Cast512(TVector value) => Unsafe.BitCast<TVector, Vector512<float>>(value);

        static Vector256<float> Cast256(TVector value) => Unsafe.BitCast<TVector, Vector256<float>>(value);

        static Vector128<float> Cast128(TVector value) => Unsafe.BitCast<TVector, Vector128<float>>(value);
    }
}
