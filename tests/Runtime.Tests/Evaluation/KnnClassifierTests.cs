using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Evaluation;

/// <summary>The classifier against a brute force in plain C#.</summary>
public sealed class KnnClassifierTests
{
    private const int Dimension = 8;

    [Theory]
    [InlineData(1, 0.1)]
    [InlineData(5, 0.07)]
    [InlineData(20, 1.0)]
    [InlineData(10_000, 0.1)]
    public void Accuracy_equals_brute_force(int k, double temperature)
    {
        using var scope = NewDisposeScope();
        // More queries than one chunk holds.
        var (bank, bankLabels) = Vectors(300, classes: 4, seed: 1);
        var (queries, queryLabels) = Vectors(700, classes: 4, seed: 2);
        var expected = BruteForce(bank, bankLabels, queries, queryLabels, k, temperature, leaveOut: false);
        Assert.InRange(expected, 0.3, 0.999);
        Assert.Equal(expected, KnnClassifier.Accuracy(Matrix(bank), bankLabels, Matrix(queries), queryLabels, k, temperature));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(10_000)]
    public void Leaving_one_out_equals_brute_force(int k)
    {
        using var scope = NewDisposeScope();
        var (bank, labels) = Vectors(600, classes: 3, seed: 3);
        var expected = BruteForce(bank, labels, bank, labels, k, 0.1, leaveOut: true);
        Assert.Equal(expected, KnnClassifier.Accuracy(Matrix(bank), labels, k: k));
    }

    [Fact]
    public void A_vector_left_out_does_not_vote_for_itself()
    {
        using var scope = NewDisposeScope();
        var (bank, _) = Vectors(50, classes: 1, seed: 4);
        var alone = Enumerable.Range(0, 50).ToArray();
        Assert.Equal(0, KnnClassifier.Accuracy(Matrix(bank), alone, k: 1));
        Assert.Equal(1, KnnClassifier.Accuracy(Matrix(bank), alone, Matrix(bank), alone, k: 1));
    }

    private static double BruteForce(
        float[][] bank, int[] bankLabels, float[][] queries, int[] queryLabels, int k, double temperature, bool leaveOut)
    {
        var right = 0;
        for (var q = 0; q < queries.Length; q++)
        {
            var votes = Enumerable.Range(0, bank.Length).Where(b => !leaveOut || b != q)
                .Select(b => (Label: bankLabels[b], Cosine: queries[q].Zip(bank[b], (x, y) => (double)x * y).Sum()))
                .OrderByDescending(n => n.Cosine).Take(k)
                .GroupBy(n => n.Label, n => Math.Exp(n.Cosine / temperature));
            if (votes.MaxBy(v => v.Sum())!.Key == queryLabels[q]) right++;
        }
        return (double)right / queries.Length;
    }

    /// <summary>Unit vectors around one centre a class, overlapping.</summary>
    private static (float[][] Vectors, int[] Labels) Vectors(int count, int classes, int seed)
    {
        var random = CounterRandom.For((ulong)seed, "vectors");
        var labels = new int[count];
        var vectors = new float[count][];
        for (var i = 0; i < count; i++)
        {
            labels[i] = (int)random.Below(classes);
            var v = new double[Dimension];
            for (var d = 0; d < Dimension; d++) v[d] = random.NextNormal() + (d == labels[i] ? 1.5 : 0);
            var length = Math.Sqrt(v.Sum(x => x * x));
            vectors[i] = Array.ConvertAll(v, x => (float)(x / length));
        }
        return (vectors, labels);
    }

    private static Tensor Matrix(float[][] vectors) => tensor(vectors.SelectMany(v => v).ToArray(), [vectors.Length, Dimension]);
}
