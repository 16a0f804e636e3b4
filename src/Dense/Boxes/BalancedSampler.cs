using DataSsl.Runtime;
using static TorchSharp.torch;

namespace DataSsl.Dense.Boxes;

/// <summary>
/// Draws the candidates that a loss is taken over: the background's outnumber the others by far (Girshick 2015, Fast R-CNN, section 2.3).
/// </summary>
/// <param name="Count">Candidates an image, at most.</param>
/// <param name="PositiveShare">The largest share of those that stand for a box.</param>
public sealed record BalancedSampler(int Count, double PositiveShare)
{
    /// <summary>Indices of the drawn ones, in their order.</summary>
    /// <param name="labels">[N]: above 0 for a box, 0 for the background, below 0 for neither.</param>
    /// <param name="random">The same gives the same, on every device.</param>
    /// <returns>Two of [K] in 64 bits.</returns>
    public (Tensor Positive, Tensor Negative) Draw(Tensor labels, CounterRandom random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (positive, negative) = (BoxAlgebra.Where(labels.ge(1)), BoxAlgebra.Where(labels.eq(0)));
        var some = Math.Min(positive.shape[0], (long)(Count * PositiveShare));
        (positive, negative) = (Some(positive, some, ref random), Some(negative, Math.Min(negative.shape[0], Count - some), ref random));
        return (positive.MoveToOuterDisposeScope(), negative.MoveToOuterDisposeScope());
    }

    private static Tensor Some(Tensor of, long count, ref CounterRandom random)
    {
        var all = of.shape[0];
        if (count == all) return of;
        // The front of a shuffle of them all, of which only what was moved is written down.
        var moved = new Dictionary<long, long>();
        var drawn = new long[count];
        for (var i = 0L; i < count; i++)
        {
            var j = i + random.Below(all - i);
            drawn[i] = moved.GetValueOrDefault(j, j);
            moved[j] = moved.GetValueOrDefault(i, i);
        }
        Array.Sort(drawn);
        return of.index_select(0, tensor(drawn, device: of.device));
    }
}
