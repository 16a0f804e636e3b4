using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Evaluation;

/// <summary>Measures what a network's features are worth on labelled images.</summary>
/// <param name="Labels">Share of the training images whose labels are used.</param>
/// <param name="Calibration">Training images that BatchNorm's statistics are taken over.</param>
internal sealed record EvaluationJob(
    NetworkSource Source, LabelledData Data, EvaluationMethod Method, double Labels, long Seed, CalibrationDraw Calibration, Device Device)
{
    /// <summary>Where a folder's evaluations are added to.</summary>
    public const string RecordFile = "evaluations.jsonl";

    public EvaluationResult Run()
    {
        var labelled = Data.Train.At(LabelShare.Balanced(Data.Train.Labels, Labels, Seed));
        var watch = Stopwatch.StartNew();
        using var scope = NewDisposeScope();
        using var network = Source.Build(new(Data.Train.Store, Source.Size, Device, Data.Train.Indices), Calibration, Device);
        var norm = Source.BatchNorm(network, Data.Train.Count, Calibration);
        var (accuracy, _, options) = Method.Run(new(network, labelled, Data.Test, Data.Classes, Source.Size, Seed, Calibration, Device));
        return new(this, accuracy, labelled.Count, norm, new()
        {
            ["time"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            ["method"] = Method.Name,
            ["top1"] = AccuracyText.Json(accuracy.Top1),
            ["top5"] = accuracy.Top5 is { } top5 ? AccuracyText.Json(top5) : null,
            ["options"] = options,
            ["network"] = Source.Facts,
            ["batchNorm"] = norm,
            ["size"] = Source.Size,
            ["data"] = Data.Facts(labelled.Count),
            ["labels"] = Labels,
            ["seed"] = Seed,
            ["seconds"] = Math.Round(watch.Elapsed.TotalSeconds, 1),
            ["datassl"] = Product.Version,
            ["machine"] = Checkpoint.Machine(Device),
        });
    }
}

/// <summary>What an evaluation found.</summary>
/// <param name="Labelled">How many training images' labels were used.</param>
/// <param name="Norm">Whose BatchNorm statistics the network had, in words.</param>
/// <param name="Record">All of it, with where it came from.</param>
internal sealed record EvaluationResult(EvaluationJob Of, TopAccuracy Accuracy, int Labelled, string Norm, JsonObject Record);
