using DataSsl.Runtime.Views;

namespace DataSsl.Dense.Training;

/// <summary>How a dense network is trained.</summary>
public sealed record DenseTrainOptions
{
    /// <summary>Steps in all.</summary>
    public required int Steps { get; init; }

    /// <summary>Images a step.</summary>
    public required int Batch { get; init; }

    /// <summary>The learning rate after the warm-up.</summary>
    public required double Rate { get; init; }

    /// <summary>How it falls from there.</summary>
    public DenseSchedule Schedule { get; init; } = DenseSchedule.Cosine;

    /// <summary>Whether the backbone's BatchNorm takes statistics of each batch; otherwise it keeps those it came with.</summary>
    public bool TrainsNorm { get; init; }

    /// <summary>Factors of the images' size.</summary>
    public Interval Scale { get; init; } = new(0.8, 1.25);

    /// <summary>Of SGD.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Of all weights.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>The largest norm of a step's gradient: heads that start from nothing send a few large ones.</summary>
    public double Clip { get; init; } = 10;

    /// <summary>Steps over which the rate grows to its full: a tenth of all, and never more than detectors are given elsewhere.</summary>
    public int Warmup => Math.Min(500, Steps / 10);

    /// <summary>The share of the rate that a step is made at.</summary>
    public double Share(int step)
    {
        var done = (double)step / Steps;
        var share = Schedule == DenseSchedule.Cosine ? (1 + Math.Cos(Math.PI * done)) / 2
            : done >= 11.0 / 12 ? 0.01 : done >= 0.75 ? 0.1 : 1;
        return step < Warmup ? share * (step + 1) / Warmup : share;
    }
}
