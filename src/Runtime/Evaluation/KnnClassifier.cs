using static TorchSharp.torch;

namespace DataSsl.Runtime.Evaluation;

/// <summary>The weighted k-nearest-neighbour classifier of instance discrimination (Wu et al. 2018): votes exp(cosine / temperature).</summary>
public static class KnnClassifier
{
    /// <summary>Share of queries whose class is right.</summary>
    /// <param name="bank">Unit vectors with known classes: [M, C].</param>
    /// <param name="bankLabels">Their classes.</param>
    /// <param name="queries">Unit vectors: [N, C]; null for the bank itself, each left out of its own neighbours.</param>
    /// <param name="queryLabels">Their classes; null for the bank's.</param>
    public static double Accuracy(Tensor bank, int[] bankLabels, Tensor? queries = null, int[]? queryLabels = null, int k = 20, double temperature = 0.1)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var labels = queryLabels ?? bankLabels;
        var classes = bankLabels.Concat(labels).Max() + 1;
        var known = tensor(bankLabels.Select(l => (long)l).ToArray()).to(bank.device);
        var vectors = queries ?? bank;
        var neighbours = Math.Min(k, (int)bank.shape[0] - (queries is null ? 1 : 0));
        var right = 0;
        const int chunk = 512;
        for (var start = 0L; start < vectors.shape[0]; start += chunk)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(chunk, vectors.shape[0] - start);
            var similarity = vectors.narrow(0, start, count).mm(bank.t());
            if (queries is null)
            {
                var self = arange(start, start + count, ScalarType.Int64, bank.device).unsqueeze(1);
                similarity.scatter_(1, self, full([count, 1], -2f, ScalarType.Float32, bank.device));
            }
            var (nearest, indices) = similarity.topk(neighbours, dim: 1);
            var votes = zeros([count, classes], ScalarType.Float32, bank.device);
            votes.scatter_add_(1, known.index_select(0, indices.flatten()).view(count, neighbours), nearest.div(temperature).exp());
            var predicted = votes.argmax(1).cpu().data<long>().ToArray();
            for (var i = 0; i < predicted.Length; i++)
                if (predicted[i] == labels[start + i])
                    right++;
        }
        return (double)right / vectors.shape[0];
    }
}
