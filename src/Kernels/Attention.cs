using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

/// <summary>
/// Attention of every token to every token, head by head: softmax(q k' / sqrt(head size)) v, from q, k and v side by side in each row.
/// </summary>
internal sealed unsafe class Attention : VectorStep<Attention>, IVectorStep<Attention>
{
    /// <summary>Queries at a time: their scores stay in the first-level cache.</summary>
    private const int Block = 12;

    private readonly int tokens, heads, size, width, padded;
    private readonly Scratch[] scratch;

    /// <param name="size">Channels of a head; a multiple of <see cref="Lanes.Count"/>.</param>
    public Attention(Machine machine, int tokens, int heads, int size) : base(machine)
    {
        (this.tokens, this.heads, this.size, width, padded) = (tokens, heads, size, heads * size, Lanes.Padded(tokens));
        scratch = new Scratch[machine.Threads];
        for (var i = 0; i < scratch.Length; i++) scratch[i] = new(new(size * padded), new(tokens * size), new(Block * padded));
    }

    /// <summary>Every thread takes its queries of all heads, and packs the keys and values for itself.</summary>
    static void IVectorStep<Attention>.Work<TVector>(Attention step, int part, int parts) => step.Work<TVector>(part, parts);

    private void Work<TVector>(int part, int parts) where TVector : unmanaged, IVector<TVector>
    {
        var (first, end) = Portion.Of(tokens, Block, part, parts);
        var (keys, values, scores) = scratch[part];
        for (var head = 0; head < heads; head++)
        {
            float* q = X + head * size, k = q + width, v = k + width;
            Panels.Pack(k, 3 * width, size, tokens, keys.Pointer, TVector.Width);
            PackRows<TVector>(v, values.Pointer);
            for (var row = first; row < end; row += Block)
            {
                var count = Math.Min(Block, end - row);
                Panels.Multiply<TVector>(
                    q + (nint)row * 3 * width, 3 * width, count, keys.Pointer, size, 0, padded, scores.Pointer, padded,
                    new Finish(null, null, Activation.None));
                for (var i = 0; i < count; i++) Softmax<TVector>(scores.Pointer + i * padded);
                Panels.Multiply<TVector>(
                    scores.Pointer, padded, count, values.Pointer, tokens, 0, size, Y + (nint)row * width + head * size, width,
                    new Finish(null, null, Activation.None));
            }
        }
    }

    private void PackRows<TVector>(float* source, float* target) where TVector : unmanaged, IVector<TVector>
    {
        for (var first = 0; first < size; first += 2 * TVector.Width)
        {
            var side = Math.Min(2 * TVector.Width, size - first);
            for (var row = 0; row < tokens; row++, target += side) Copy.Run(source + (nint)row * 3 * width + first, target, side);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Softmax<TVector>(float* row) where TVector : unmanaged, IVector<TVector>
    {
        new Span<float>(row + tokens, padded - tokens).Fill(float.NegativeInfinity);
        var most = TVector.Broadcast(float.NegativeInfinity);
        for (var i = 0; i < padded; i += TVector.Width) most = TVector.Max(most, TVector.Load(row + i));
        var (largest, scale) = (TVector.Broadcast(TVector.Largest(most)), TVector.Broadcast(1 / MathF.Sqrt(size)));
        TVector sum = default;
        for (var i = 0; i < padded; i += TVector.Width)
        {
            var value = Exponential.Of((TVector.Load(row + i) - largest) * scale);
            value.Store(row + i);
            sum += value;
        }
        // What stands for no token is tiny but not zero.
        var beyond = 0f;
        for (var i = tokens; i < padded; i++) beyond += row[i];
        var factor = TVector.Broadcast(1 / (TVector.Sum(sum) - beyond));
        for (var i = 0; i < padded; i += TVector.Width) (TVector.Load(row + i) * factor).Store(row + i);
    }

    private sealed record Scratch(Floats Keys, Floats Values, Floats Scores);
}
