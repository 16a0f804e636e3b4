using System.Numerics;
using static TorchSharp.torch;

namespace DataSsl.Dense.Boxes;

/// <summary>
/// Drops boxes that overlap a better one of their kind (greedy non-maximum suppression). Done on the processor, whatever the device: box
/// after box depends on those before.
/// </summary>
public static class Suppression
{
    /// <summary>Indices of the boxes that stay, the best first: [K] in 64 bits.</summary>
    /// <param name="boxes">[N, 4].</param>
    /// <param name="scores">[N]; of equal ones the first is the better.</param>
    /// <param name="kinds">[N] in 64 bits, classes or levels: boxes of different kinds do not compete.</param>
    /// <param name="overlap">Above this IoU the worse one goes.</param>
    public static Tensor Keep(Tensor boxes, Tensor scores, Tensor kinds, double overlap)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var order = scores.sort(dim: 0, descending: true, stable: true).Indices;
        var values = BoxAlgebra.Numbers<double>(boxes.index_select(0, order).to(ScalarType.Float64).t());
        var kind = BoxAlgebra.Numbers<long>(kinds.index_select(0, order));
        var places = Enumerable.Range(0, kind.Length).GroupBy(i => kind[i])
            .SelectMany(group => Best(values, kind.Length, [.. group], overlap)).Order();
        return order.index_select(0, tensor(places.Select(i => (long)i).ToArray(), device: order.device)).MoveToOuterDisposeScope();
    }

    /// <summary>Those of some boxes that stay, the best being the first.</summary>
    /// <param name="values">[4, N].</param>
    private static List<int> Best(double[] values, int all, int[] places, double overlap)
    {
        // Sides of a vector's length at the end, so that the last ones need no loop of their own: boxes without area, which overlap
        // nothing.
        var length = places.Length + Vector<double>.Count;
        var edges = new double[5 * length];
        Span<double> left = edges.AsSpan(0, length), top = edges.AsSpan(length, length), right = edges.AsSpan(2 * length, length),
            bottom = edges.AsSpan(3 * length, length), area = edges.AsSpan(4 * length);
        for (var i = 0; i < places.Length; i++)
        {
            (left[i], top[i], right[i], bottom[i]) = (values[places[i]], values[all + places[i]], values[2 * all + places[i]],
                values[3 * all + places[i]]);
            area[i] = (right[i] - left[i]) * (bottom[i] - top[i]);
        }
        var gone = new long[length];
        var (kept, limit) = (new List<int>(), new Vector<double>(overlap));
        for (var i = 0; i < places.Length; i++)
        {
            if (gone[i] != 0) continue;
            kept.Add(places[i]);
            Vector<double> l = new(left[i]), t = new(top[i]), r = new(right[i]), b = new(bottom[i]), own = new(area[i]);
            for (var j = i + 1; j < places.Length; j += Vector<double>.Count)
            {
                var width = Vector.Max(Vector.Min(r, At(right, j)) - Vector.Max(l, At(left, j)), Vector<double>.Zero);
                var height = Vector.Max(Vector.Min(b, At(bottom, j)) - Vector.Max(t, At(top, j)), Vector<double>.Zero);
                var common = width * height;
                (new Vector<long>(gone, j) | Vector.GreaterThan(common / (own + At(area, j) - common), limit)).CopyTo(gone, j);
            }
        }
        return kept;

        static Vector<double> At(ReadOnlySpan<double> values, int place) => new(values[place..]);
    }
}
