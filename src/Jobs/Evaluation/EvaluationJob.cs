using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Evaluation;

/// <summary>Measures what a network's features are worth on labelled images.</summary>
/// <param name="Source">The network.</param>
/// <param name="Data">Images to learn from, and to be tested on.</param>
/// <param name="Method">How: kNN, a linear probe, or fine-tuning.</param>
/// <param name="Device">Where.</param>
public sealed record EvaluationJob(NetworkSource Source, LabelledData Data, EvaluationMethod Method, Device Device)
{
    /// <summary>Share of the training images whose labels are used, as many of each class.</summary>
    public double Labels { get; init; } = 1;

    /// <summary>Of every draw.</summary>
    public long Seed { get; init; }

    /// <summary>Training images that BatchNorm's statistics are taken over.</summary>
    public CalibrationDraw Calibration { get; init; } = CalibrationDraw.Default;

    /// <summary>Where a folder's evaluations are added to.</summary>
    public const string RecordFile = "evaluations.jsonl";

    /// <summary>Measures it.</summary>
    /// <exception cref="UserException">What is asked for cannot be measured on these images.</exception>
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
public sealed record EvaluationResult(EvaluationJob Of, TopAccuracy Accuracy, int Labelled, string Norm, JsonObject Record);
