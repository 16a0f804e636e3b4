using static TorchSharp.torch;

namespace DataSsl.Runtime.Evaluation;

/// <summary>How often the right class has the highest score, and how often one of the five highest.</summary>
/// <param name="Top1">The highest.</param>
/// <param name="Top5">One of five; null for five classes or fewer, where it could not miss.</param>
public sealed record TopAccuracy(Proportion Top1, Proportion? Top5)
{
    private const int Several = 5;

    /// <summary>Counts over scores [N, classes], N labels; a class of score minus infinity was not named at all.</summary>
    /// <exception cref="InvalidOperationException">A score is no number, or infinite: what names no class must not be counted as if it had
    /// named the first.</exception>
    public static TopAccuracy Of(Tensor scores, int[] labels)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var hits = Hits(scores, labels);
        return new(new(Sum(hits.narrow(1, 0, 1)), labels.Length), scores.shape[1] > Several ? new(Sum(hits), labels.Length) : null);

        static int Sum(Tensor truths) => (int)truths.sum().item<long>();
    }

    /// <summary>Of which images the right class has the highest score.</summary>
    /// <inheritdoc cref="Of"/>
    public static bool[] Right(Tensor scores, int[] labels)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        return Hits(scores, labels).select(1, 0).contiguous().data<bool>().ToArray();
    }

    /// <summary>Which of the highest scores is that of the right class: [N, 1 to 5].</summary>
    private static Tensor Hits(Tensor scores, int[] labels)
    {
        if (scores.isnan().logical_or(scores.isposinf()).any().item<bool>())
            throw new InvalidOperationException(
                "scores of the test images are not finite: the network or its classifier diverged in training; give smaller rates, or an "
                    + "earlier checkpoint");
        var (values, named) = scores.topk((int)Math.Min(Several, scores.shape[1]), dim: 1);
        var right = tensor(Array.ConvertAll(labels, label => (long)label), device: scores.device).unsqueeze(1);
        return named.eq(right).logical_and(values.isneginf().logical_not());
    }
}
