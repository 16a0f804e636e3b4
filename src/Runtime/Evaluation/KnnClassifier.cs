using static TorchSharp.torch;

namespace DataSsl.Runtime.Evaluation;

/// <summary>
/// The weighted k-nearest-neighbour classifier of instance discrimination (Wu et al. 2018): votes exp(cosine / temperature).
/// </summary>
public static class KnnClassifier
{
    /// <summary>Neighbours that vote where nobody says.</summary>
    public const int DefaultNeighbours = 20;

    /// <summary>Temperature of the votes where nobody says.</summary>
    public const double DefaultTemperature = 0.1;

    /// <summary>Share of queries whose class is right.</summary>
    /// <param name="bank">Unit vectors with known classes: [M, C].</param>
    /// <param name="bankLabels">Their classes.</param>
    /// <param name="queries">Unit vectors: [N, C]; null for the bank itself, each left out of its own neighbours.</param>
    /// <param name="queryLabels">Their classes; null for the bank's.</param>
    public static double Accuracy(
        Tensor bank, int[] bankLabels, Tensor? queries = null, int[]? queryLabels = null, int k = DefaultNeighbours,
        double temperature = DefaultTemperature)
    {
        var labels = queryLabels ?? bankLabels;
        using var votes = Votes(bank, bankLabels, bankLabels.Concat(labels).Max() + 1, queries, k, temperature);
        return TopAccuracy.Of(votes, labels).Top1.Value;
    }

    /// <summary>The votes for each class, minus infinity where there is none: [N, classes].</summary>
    /// <inheritdoc cref="Accuracy"/>
    public static Tensor Votes(
        Tensor bank, int[] bankLabels, int classes, Tensor? queries = null, int k = DefaultNeighbours,
        double temperature = DefaultTemperature)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var known = tensor(bankLabels.Select(l => (long)l).ToArray()).to(bank.device);
        var vectors = queries ?? bank;
        var neighbours = Math.Min(k, (int)bank.shape[0] - (queries is null ? 1 : 0));
        var votes = zeros([vectors.shape[0], classes], ScalarType.Float32, bank.device);
        NearestNeighbours.Visit(bank, queries, neighbours, (start, nearest, indices) =>
        {
            // Relative to the nearest: the ranking is the same, and a low temperature does not overflow.
            var weights = nearest.sub(nearest.narrow(1, 0, 1)).div(temperature).exp();
            votes.narrow(0, start, nearest.shape[0])
                .scatter_add_(1, known.index_select(0, indices.flatten()).view(nearest.shape[0], neighbours), weights);
        });
        return votes.masked_fill_(votes.eq(0), double.NegativeInfinity).MoveToOuterDisposeScope();
    }
}
