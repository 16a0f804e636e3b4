using System.Diagnostics;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Verdict;

/// <summary>What a verdict will take on this machine.</summary>
/// <param name="Figures">How many are measured.</param>
/// <param name="Seconds">All of them, decoding left out.</param>
/// <param name="PeakBytes">The largest memory of the process while it probed.</param>
/// <param name="DiskBytes">Of the files that it leaves.</param>
internal sealed record VerdictPlan(int Figures, double Seconds, long PeakBytes, long DiskBytes);

/// <summary>
/// Times a network for a moment at what its figures consist of: embedding, a classifier on embeddings, steps of fine-tuning. Its weights
/// are others afterwards.
/// </summary>
internal sealed class VerdictProbe(EvaluationTask whole)
{
    private const int Images = 64;
    private double? embedding;
    private (double Seconds, int Images)? classifier;
    private double? tuning;

    /// <summary>Seconds that the statistics of BatchNorm take.</summary>
    public double CalibrationSeconds => Math.Min(whole.CalibrationImages.Count, whole.Labelled.Count) * Embedding;

    /// <summary>Seconds of one figure of a method over so many labelled images.</summary>
    public double Seconds(EvaluationMethod method, int labelled) => method switch
    {
        FineTuneMethod tuned =>
            (double)FineTuning.Steps(labelled, tuned.How) * Math.Min(labelled, tuned.How.Batch) * Tuning(tuned)
                + (Math.Min(whole.CalibrationImages.Count, labelled) + whole.Test.Count) * Embedding,
        LinearMethod => (labelled + whole.Test.Count) * Embedding + Classifier(method).Seconds * labelled / Classifier(method).Images,
        _ => (labelled + whole.Test.Count) * Embedding,
    };

    /// <summary>Seconds to embed an image.</summary>
    private double Embedding => embedding ??= PerImage();

    private double PerImage()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var sample = whole.Test.At([.. Enumerable.Range(0, Math.Min(Images, whole.Test.Count))]);
        // The first time also loads kernels.
        whole.Features(sample);
        var watch = Stopwatch.StartNew();
        whole.Features(sample);
        return watch.Elapsed.TotalSeconds / sample.Count;
    }

    /// <summary>What a classifier on embeddings takes beside them.</summary>
    private (double Seconds, int Images) Classifier(EvaluationMethod method)
    {
        if (classifier is { } known) return known;
        var sample = Sample(Images);
        var watch = Stopwatch.StartNew();
        method.Run(whole with { Labelled = sample, Test = sample });
        return (classifier = (Math.Max(0, watch.Elapsed.TotalSeconds - 2 * sample.Count * Embedding), sample.Count)).Value;
    }

    /// <summary>Seconds that an image takes in a step of fine-tuning.</summary>
    private double Tuning(FineTuneMethod method)
    {
        if (tuning is { } known) return known;
        // What embeds is timed before the weights become others.
        _ = Embedding;
        var (sample, times, watch) = (Sample(method.How.Batch), new List<double>(), Stopwatch.StartNew());
        using var tuned = FineTuning.Run(
            whole.Network, sample.Store, sample.Indices, sample.Labels, whole.Classes, whole.Size, method.How with { Epochs = 3 },
            whole.Seed, whole.Device, whole.CalibrationImages, (_, _) =>
                times.Add(watch.Elapsed.TotalSeconds));
        var steps = FineTuning.Steps(sample.Count, method.How with { Epochs = 2 });
        return (tuning = (times[^1] - times[0]) / steps / Math.Min(sample.Count, method.How.Batch)).Value;
    }

    /// <summary>At least so many labelled images, where there are, as many of each class.</summary>
    private LabelledPart Sample(int images) =>
        whole.Labelled.At(
            LabelShare.Balanced(
                whole.Labelled.Labels, Math.Min(1.0, Math.Max(images, 2 * whole.Classes) / (double)whole.Labelled.Count), whole.Seed));
}
