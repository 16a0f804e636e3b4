using static TorchSharp.torch;

namespace DataSsl.Runtime.Evaluation;

/// <summary>
/// The nearest of a bank of vectors by cosine, the nearest first. Every pair is looked at, in 64 bits: nothing is approximate, and two
/// that are as near as each other come in the bank's order.
/// </summary>
public sealed class NearestNeighbours
{
    /// <summary>Queries at once where the bank is small.</summary>
    private const int Chunk = 512;

    /// <summary>Cosines at once: a large bank is held against fewer queries.</summary>
    private const long ChunkCosines = 1 << 25;

    private readonly int[] indices;
    private readonly double[] cosines;

    private NearestNeighbours(int k, int[] indices, double[] cosines) => (K, this.indices, this.cosines) = (k, indices, cosines);

    /// <summary>How many of each query: what was asked for, or all that the bank has.</summary>
    public int K { get; }

    /// <summary>A query's K nearest: where each is in the bank, and its cosine with the query.</summary>
    public IEnumerable<(int Place, double Cosine)> Of(int query) =>
        Enumerable.Range(query * K, K).Select(i => (indices[i], cosines[i]));

    /// <summary>
    /// How far a query lies from its nearest, by the mean of 1 - cosine over all K of them, from 0 to 2: the larger, the less the bank has
    /// of its kind.
    /// </summary>
    public double MeanDistance(int query) => Of(query).Average(near => 1 - near.Cosine);

    /// <summary>Finds them.</summary>
    /// <param name="bank">[M, C]; of any length above 0.</param>
    /// <param name="k">How many of each.</param>
    /// <param name="queries">[N, C]; null for the bank itself, each left out of its own nearest.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is nothing to be near to.</exception>
    public static NearestNeighbours In(Tensor bank, int k, Tensor? queries = null)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var count = (int)(queries ?? bank).shape[0];
        var most = (int)Math.Min(k, bank.shape[0] - (queries is null ? 1 : 0));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most, nameof(bank));
        var (indices, cosines) = (new int[count * most], new double[count * most]);
        Visit(UnitVectors.Of(bank), queries is null ? null : UnitVectors.Of(queries), most, (start, near, places) =>
        {
            near.contiguous().data<double>().CopyTo(cosines.AsSpan((int)start * most, (int)near.numel()));
            var into = indices.AsSpan((int)start * most, (int)near.numel());
            foreach (var (i, place) in places.contiguous().data<long>().ToArray().Index()) into[i] = (int)place;
        });
        for (var query = 0; query < count; query++) InOrder(indices.AsSpan(query * most, most), cosines.AsSpan(query * most, most));
        return new(most, indices, cosines);
    }

    /// <summary>
    /// The same a chunk at a time, as tensors that end with the call: the first of its queries, cosines and places [B, k].
    /// </summary>
    /// <param name="bank">Unit vectors: [M, C].</param>
    /// <param name="queries">Unit vectors: [N, C]; null for the bank itself, each left out of its own nearest.</param>
    /// <param name="k">How many of each; at most the bank has.</param>
    /// <param name="found">Takes them.</param>
    internal static void Visit(Tensor bank, Tensor? queries, int k, Action<long, Tensor, Tensor> found)
    {
        var vectors = queries ?? bank;
        var chunk = Math.Clamp(ChunkCosines / bank.shape[0], 1, Chunk);
        for (var start = 0L; start < vectors.shape[0]; start += chunk)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(chunk, vectors.shape[0] - start);
            var similarity = vectors.narrow(0, start, count).mm(bank.t());
            if (queries is null)
            {
                var self = arange(start, start + count, ScalarType.Int64, bank.device).unsqueeze(1);
                similarity.scatter_(1, self, full([count, 1], -2, similarity.dtype, bank.device));
            }
            var (nearest, indices) = similarity.topk(k, dim: 1);
            found(start, nearest, indices);
        }
    }

    /// <summary>Which of equals comes first is nothing that libtorch promises.</summary>
    private static void InOrder(Span<int> indices, Span<double> cosines)
    {
        for (int first = 0, last; first < indices.Length; first = last)
        {
            for (last = first + 1; last < indices.Length && cosines[last] == cosines[first];) last++;
            indices[first..last].Sort();
        }
    }
}
