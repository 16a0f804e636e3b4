using DataSsl.Runtime;
using static TorchSharp.torch;

namespace DataSsl.Search.Results;

/// <summary>
/// Draws the images anew, with replacement, and looks at what becomes of the scores: the same draws for all candidates, so that images which are hard for all of them do not hide their
/// differences (the paired percentile bootstrap of Efron and Tibshirani).
/// </summary>
public sealed class Bootstrap : IDisposable
{
    /// <summary>Draws of the images.</summary>
    public const int Draws = 1000;

    /// <summary>Two-sided 95 %.</summary>
    private const double Tail = 0.025;

    /// <summary>Members compared at a time: their resampled scores are held together.</summary>
    private const int AtOnce = 4096;

    private readonly Tensor weights;

    /// <param name="units">Units of images (<see cref="ImageUnits"/>).</param>
    public Bootstrap(int units, long seed)
    {
        var random = CounterRandom.For((ulong)seed, "bootstrap", units);
        var counts = new float[units * Draws];
        for (var draw = 0; draw < Draws; draw++)
            for (var i = 0; i < units; i++)
                counts[(int)random.Below(units) * Draws + draw] += 1f / units;
        using var scope = NewDisposeScope();
        weights = tensor(counts, units, Draws).DetachFromDisposeScope();
    }

    /// <summary>The 95 % interval of the winner's score, and which members cannot be told from it: those that are as good in at least 2.5 % of the draws.</summary>
    /// <param name="members">Units of one task of each member, all of one length.</param>
    public (double Low, double High, bool[] Tied) Compare(ReadOnlySpan<float> winner, IReadOnlyList<ReadOnlyMemory<float>> members)
    {
        using var scope = NewDisposeScope();
        var tied = new bool[members.Count];
        for (var start = 0; start < members.Count; start += AtOnce)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(AtOnce, members.Count - start);
            var differences = new float[count * winner.Length];
            for (var i = 0; i < count; i++)
                for (var unit = 0; unit < winner.Length; unit++)
                    differences[i * winner.Length + unit] = winner[unit] - members[start + i].Span[unit];
            var asGood = tensor(differences, count, winner.Length).matmul(weights).le(0).sum(1, type: ScalarType.Int64).data<long>().ToArray();
            for (var i = 0; i < count; i++) tied[start + i] = asGood[i] >= Tail * Draws;
        }
        var resampled = tensor(winner.ToArray(), 1, winner.Length).matmul(weights).data<float>().ToArray();
        Array.Sort(resampled);
        return (Quantile(resampled, Tail), Quantile(resampled, 1 - Tail), tied);
    }

    public void Dispose() => weights.Dispose();

    /// <summary>Between the two nearest of the sorted values, as numpy does by default.</summary>
    private static double Quantile(float[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return sorted[below] + (place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - (double)sorted[below]);
    }
}
