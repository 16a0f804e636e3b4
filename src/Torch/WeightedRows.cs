using static TorchSharp.torch;

namespace DataSsl.Torch;

/// <summary>
/// Sums of weighted rows of a matrix, as pooling a map at places between its positions takes: forward and back without a copy of the rows
/// that are read, which would be many times the map.
/// </summary>
public static class WeightedRows
{
    /// <summary>The sum of each bag: rows [P, C] -> [bags, C], differentiable by the rows alone.</summary>
    /// <param name="rows">[P, C].</param>
    /// <param name="indices">[T] in 64 bits: the rows of all bags, one bag after the other.</param>
    /// <param name="weights">[T], of the rows' type: what each row is multiplied by.</param>
    /// <param name="offsets">[bags] in 64 bits: where each bag begins in the indices. A bag may be empty, and its sum is 0.</param>
    public static Tensor Sum(Tensor rows, Tensor indices, Tensor weights, Tensor offsets) =>
        Aten.EmbeddingBag(rows, indices, offsets, weights) ?? Plain(rows, indices, weights, offsets);

    /// <summary>The same by TorchSharp's own operators, row by row.</summary>
    internal static Tensor Plain(Tensor rows, Tensor indices, Tensor weights, Tensor offsets)
    {
        using var scope = NewDisposeScope();
        var places = arange(indices.shape[0], ScalarType.Int64, rows.device);
        // A place belongs to the last bag that begins at it or before: empty ones begin where the next does.
        var bags = searchsorted(offsets, places, right: true).sub(1);
        return zeros([offsets.shape[0], rows.shape[1]], rows.dtype, rows.device)
            .index_add(0, bags, rows.index_select(0, indices) * weights.unsqueeze(1), 1).MoveToOuterDisposeScope();
    }
}
