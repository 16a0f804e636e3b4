using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DataSsl.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>
/// <see cref="InfoNce"/>'s walk on the CPU. Its products with the negatives are 32-bit ones and, on small images, a large part of a
/// training step; libtorch's BLAS reaches half of what a core can do with them. Here the matrix kernels of the pure C# classes do them, and
/// a piece's logits never leave the cache between product, exponential and product.
/// </summary>
internal static unsafe class HostNegatives
{
    /// <summary>Queries, and negatives, that are worked on at a time: they stay in the second-level cache.</summary>
    private const int Rows = 192, Piece = 256;

    /// <summary>
    /// Shares of the negatives, whose sums are joined in their order: what comes out does not depend on the number of threads.
    /// </summary>
    private const int Shares = 16;

    /// <summary>Fewer queries are not worth packing the negatives for.</summary>
    private const int FewestQueries = 16;

    public static bool Takes(Tensor queries, Tensor negatives) =>
        queries.shape[0] >= FewestQueries && negatives.device_type == DeviceType.CPU && queries.dtype == ScalarType.Float32
            && negatives.dtype == ScalarType.Float32 && negatives.is_contiguous();

    /// <summary>Adds all negatives to the sums.</summary>
    /// <param name="scaled">Queries by the temperature: [N, D].</param>
    /// <param name="negatives">[D, K].</param>
    /// <param name="top">The largest logit so far: [N, 1].</param>
    /// <param name="sum">The sum of exp(logit - top): [N, 1].</param>
    /// <param name="mix">The sum of exp(logit - top) times the vectors: [N, D].</param>
    public static void Add(Tensor scaled, Tensor negatives, Tensor top, Tensor sum, Tensor mix)
    {
        var (n, d, k) = ((int)scaled.shape[0], (int)scaled.shape[1], (int)negatives.shape[1]);
        fixed (byte* q = scaled.bytes, v = negatives.bytes, t = top.bytes, s = sum.bytes, m = mix.bytes)
        {
            var (queries, vectors, tops, sums, mixes) = ((nint)q, (nint)v, (nint)t, (nint)s, (nint)m);
            var blocks = (n + Rows - 1) / Rows;
            var shares = Math.Min(Math.Max(1, Shares / blocks), (k + Piece - 1) / Piece);
            var parts = new Part[blocks * shares];
            try
            {
                Workers.For(parts.Length, get_num_threads(), i =>
                {
                    var (block, share) = (i / shares, i % shares);
                    var (first, count) = (block * Rows, Math.Min(Rows, n - block * Rows));
                    // Whole pieces, so that only the last share has a rest.
                    var pieces = (k + Piece - 1) / Piece;
                    var (start, end) = ((int)((long)pieces * share / shares) * Piece,
                        Math.Min(k, (int)((long)pieces * (share + 1) / shares) * Piece));
                    parts[i] = new Part(count, d);
                    parts[i].Add((float*)queries + (long)first * d, (float*)vectors, k, start, end);
                });
                for (var i = 0; i < parts.Length; i++)
                {
                    var first = (long)(i / shares) * Rows;
                    parts[i].JoinInto((float*)tops + first, (float*)sums + first, (float*)mixes + first * d);
                }
            }
            finally
            {
                foreach (var part in parts) part?.Dispose();
            }
        }
    }

    /// <summary>
    /// The sums of some queries over some negatives. Queries lie side by side in panels [D, side], as the kernels take them; so do their
    /// logits [pieces, side] and what is summed.
    /// </summary>
    private sealed class Part(int rows, int dimension) : IDisposable
    {
        private static readonly int Side = 2 * Lanes.Width(Lanes.Best);
        private readonly int panels = (rows + Side - 1) / Side;
        private float* packed, top, sum, mix;

        /// <summary>Sums over the negatives from one to another.</summary>
        /// <param name="stride">Of all negatives: from one component of a negative to the next.</param>
        public void Add(float* queries, float* negatives, nint stride, int start, int end)
        {
            packed = New(panels * Side * dimension);
            mix = New(panels * Side * dimension);
            top = New(panels * Side);
            sum = New(panels * Side);
            for (var panel = 0; panel < panels; panel++)
                for (var d = 0; d < dimension; d++)
                    for (var i = 0; i < Side; i++)
                        packed[((nint)panel * dimension + d) * Side + i] = panel * Side + i < rows
                            ? queries[(nint)(panel * Side + i) * dimension + d]
                            : 0;
            new Span<float>(mix, panels * Side * dimension).Clear();
            new Span<float>(top, panels * Side).Fill(float.NegativeInfinity);
            new Span<float>(sum, panels * Side).Clear();
            var walk = new Walk(this, negatives, stride, start, end);
            Lanes.Run(Lanes.Best, ref walk);
        }

        private readonly struct Walk(Part part, float* negatives, nint stride, int start, int end) : IVectorWork
        {
            public void Run<TVector>() where TVector : unmanaged, IVector<TVector> => part.Add<TVector>(negatives, stride, start, end);
        }

        private void Add<TVector>(float* negatives, nint stride, int start, int end) where TVector : unmanaged, IVector<TVector>
        {
            // All negatives may lie a power of two apart, which a cache holds few of: a piece is copied together.
            var pitch = Piece + Lanes.Count;
            float* piece = New(dimension * pitch), logits = New(Piece * Side);
            for (; start < end; start += Piece)
            {
                var count = Math.Min(Piece, end - start);
                for (var d = 0; d < dimension; d++)
                    new ReadOnlySpan<float>(negatives + d * stride + start, count).CopyTo(new(piece + d * pitch, count));
                for (var panel = 0; panel < panels; panel++)
                {
                    var first = panel * Side;
                    var to = mix + (nint)first * dimension;
                    Panels.Multiply<TVector>(
                        piece, 1, count, packed + (nint)first * dimension, dimension, 0, Side, logits, Side,
                        new Finish(null, null, Activation.None), xStep: pitch);
                    for (var i = 0; i < Side; i += TVector.Width)
                        Weigh<TVector>(logits + i, count, top + first + i, sum + first + i, to + i);
                    Panels.Multiply<TVector>(
                        piece, pitch, dimension, logits, count, 0, Side, to, Side, new Finish(null, to, Activation.None));
                }
            }
            NativeMemory.AlignedFree(piece);
            NativeMemory.AlignedFree(logits);
        }

        /// <summary>
        /// Makes a vector of queries' logits the weights exp(logit - top), and what was summed before relative to the same top.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Weigh<TVector>(float* logits, int count, float* top, float* sum, float* mix)
            where TVector : unmanaged, IVector<TVector>
        {
            var before = TVector.Load(top);
            var higher = before;
            for (var k = 0; k < count; k++) higher = TVector.Max(higher, TVector.Load(logits + (nint)k * Side));
            higher.Store(top);
            var decay = Exponential.Of(before - higher);
            if (TVector.Largest(higher - before) > 0)
                for (var d = 0; d < dimension; d++) (TVector.Load(mix + (nint)d * Side) * decay).Store(mix + (nint)d * Side);
            var total = TVector.Load(sum) * decay;
            for (var k = 0; k < count; k++)
            {
                var weight = Exponential.Of(TVector.Load(logits + (nint)k * Side) - higher);
                weight.Store(logits + (nint)k * Side);
                total += weight;
            }
            total.Store(sum);
        }

        /// <summary>Adds these sums to those of the same queries over others.</summary>
        public void JoinInto(float* tops, float* sums, float* mixes)
        {
            for (var row = 0; row < rows; row++)
            {
                var higher = MathF.Max(tops[row], top[row]);
                var (theirs, ours) = (MathF.Exp(tops[row] - higher), MathF.Exp(top[row] - higher));
                (tops[row], sums[row]) = (higher, sums[row] * theirs + sum[row] * ours);
                var from = mix + (nint)(row / Side) * dimension * Side + row % Side;
                var to = mixes + (nint)row * dimension;
                for (var d = 0; d < dimension; d++) to[d] = to[d] * theirs + from[(nint)d * Side] * ours;
            }
        }

        public void Dispose()
        {
            NativeMemory.AlignedFree(packed);
            NativeMemory.AlignedFree(mix);
            NativeMemory.AlignedFree(top);
            NativeMemory.AlignedFree(sum);
        }

        private static float* New(int count) => (float*)NativeMemory.AlignedAlloc((nuint)Lanes.Padded(count) * sizeof(float), 64);
    }
}
