using DataSsl.Runtime;
using DataSsl.Runtime.Evaluation;
using DataSsl.Search.Scores;
using static TorchSharp.torch;

namespace DataSsl.Search.Results;

/// <summary>
/// Draws the images anew, with replacement, and looks at what becomes of the scores: the same draws for all candidates, so that images
/// which are hard for all of them do not hide their differences (the paired percentile bootstrap of Efron and Tibshirani).
/// </summary>
/// <remarks>
/// The winner is the best of thousands on these images, and so ahead of its equals by more than one of two would be. Who cannot be told
/// from it is therefore asked of the maximum: a candidate is behind where the winner's lead is larger than that which the best of all
/// equals takes in 95 % of the draws (the model confidence set of Hansen, Lunde and Nason 2011, by the largest difference).
/// </remarks>
public sealed class Bootstrap : IDisposable
{
    /// <summary>Draws of the images.</summary>
    public const int Draws = 1000;

    internal const double Confidence = 0.95;

    /// <summary>Members compared at a time: their resampled scores are held together.</summary>
    private const int AtOnce = 4096;

    private readonly Tensor weights;
    private readonly Tensor widening;

    /// <summary>
    /// TorchSharp makes a scalar of every number that an operator takes, the 1 of a sum too, and lets the collector free it while libtorch
    /// still reads it. Here numbers are collected often, and it happened: so this one is kept.
    /// </summary>
    private readonly TorchSharp.Scalar one = 1;

    /// <param name="units">Units of images (<see cref="ImageUnits"/>); of one alone nothing can be said.</param>
    public Bootstrap(int units, long seed)
    {
        var random = CounterRandom.For((ulong)seed, "bootstrap", units);
        var counts = new float[units * Draws];
        for (var draw = 0; draw < Draws; draw++)
            for (var i = 0; i < units; i++)
                counts[(int)random.Below(units) * Draws + draw] += 1f / units;
        using var scope = NewDisposeScope();
        weights = tensor(counts, units, Draws).DetachFromDisposeScope();
        widening = tensor((float)Widening(units)).DetachFromDisposeScope();
    }

    /// <summary>
    /// The 95 % interval of the winner's score, and which members cannot be told from it: with a probability of 95 % the best of all, on
    /// other images of this kind, is among them.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is one unit alone.</exception>
    /// <param name="members">Units of one task of each member, all of one length; the winner, the best of their means, is one of
    /// them.</param>
    public (double Low, double High, bool[] Tied) Compare(ReadOnlySpan<float> winner, IReadOnlyList<ReadOnlyMemory<float>> members)
    {
        if (winner.Length < 2) throw new InvalidOperationException("one image says nothing of others");
        using var scope = NewDisposeScope();
        var reference = tensor(winner.ToArray(), 1, winner.Length);
        int[] left = [.. Enumerable.Range(0, members.Count)];
        // Those that are clearly behind would widen what equals may take: they leave, and the others are asked again.
        for (var before = -1; left.Length != before;)
        {
            before = left.Length;
            left = NotBehind(reference, members, left);
        }
        var tied = new bool[members.Count];
        foreach (var i in left) tied[i] = true;
        var (mean, chances) = (reference.mean().item<float>(), Chances(reference).data<float>().ToArray());
        Array.Sort(chances);
        return (mean + Quantile.Of(chances, (1 - Confidence) / 2), mean + Quantile.Of(chances, (1 + Confidence) / 2), tied);
    }

    /// <summary>Those of some members that the winner does not lead by more than chance.</summary>
    private int[] NotBehind(Tensor winner, IReadOnlyList<ReadOnlyMemory<float>> members, int[] among)
    {
        using var scope = NewDisposeScope();
        var best = tensor(Enumerable.Repeat(float.NegativeInfinity, Draws).ToArray());
        foreach (var some in among.Chunk(AtOnce))
        {
            using var inner = NewDisposeScope();
            best.copy_(maximum(best, Chances(Behind(some)).neg().amax([0L])));
        }
        var equal = new List<int>(among.Length);
        foreach (var some in among.Chunk(AtOnce))
        {
            using var inner = NewDisposeScope();
            var behind = Behind(some);
            // In each draw the best of all, less this one: as far as it falls behind by chance.
            var chance = quantile(best.add(Chances(behind), one), tensor(Confidence, ScalarType.Float32), 1);
            var ties = behind.mean([1L]).le(chance).data<bool>().ToArray();
            equal.AddRange(some.Where((_, i) => ties[i]));
        }
        return [.. equal];

        Tensor Behind(int[] some)
        {
            var values = new float[some.Length * winner.shape[1]];
            for (var i = 0; i < some.Length; i++) members[some[i]].Span.CopyTo(values.AsSpan(i * (int)winner.shape[1]));
            return winner - tensor(values, some.Length, winner.shape[1]);
        }
    }

    /// <summary>
    /// How far draws of the images take means [M, units] from where they are: [M, draws]; as far as other images may,
    /// <see cref="Widening"/> times what these do.
    /// </summary>
    internal Tensor Chances(Tensor differences) => (differences - differences.mean([1L], keepdim: true)).matmul(weights).mul_(widening);

    /// <summary>How far each draw takes the share of images that were named rightly from where it is.</summary>
    public float[] Chances(bool[] right)
    {
        using var scope = NewDisposeScope();
        return Chances(tensor(Array.ConvertAll(right, one => one ? 1f : 0f), 1, right.Length)).data<float>().ToArray();
    }

    /// <summary>The same of a figure that is no mean over images, as AP is none, and was reckoned anew for each draw.</summary>
    /// <param name="value">Where it is.</param>
    /// <param name="drawn">What it was in each draw; not a number where a draw has nothing to reckon it from.</param>
    /// <param name="units">How many images there are.</param>
    public static float[] Chances(double value, IReadOnlyList<float> drawn, int units)
    {
        var widening = Widening(units);
        return [.. drawn.Select(one => (float)((one - value) * widening))];
    }

    /// <summary>
    /// By how much draws of n things vary too little: a draw's variance is (n - 1) / n of what n things have, and few things say little of
    /// how far others spread, as Student found. 1.002 at a thousand, 1.6 at five, 18 at two; not a number at one.
    /// </summary>
    internal static double Widening(int units) =>
        units > 1 ? Math.Sqrt(units / (units - 1.0)) * Student.Point(units - 1) / Proportion.Z : double.NaN;

    /// <inheritdoc/>
    public void Dispose()
    {
        weights.Dispose();
        widening.Dispose();
        one.Dispose();
    }
}
