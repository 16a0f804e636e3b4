using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Results;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Study;

/// <summary>The share of test images that a subnet's features name rightly, by a method of <c>evaluate</c>.</summary>
/// <param name="Checkpoint">The supernet.</param>
/// <param name="Data">The images of the scores.</param>
/// <param name="Train">Labelled images to learn from.</param>
/// <param name="How">The method.</param>
/// <param name="Device">Where.</param>
public sealed record AccuracyMeasure(string Checkpoint, string Data, string Train, EvaluationMethod How, Device Device) : StudyMeasure
{
    /// <summary>Labelled images to test on; null to hold some out.</summary>
    public string? Test { get; init; }

    /// <summary>The method's own options as they were given on a command line.</summary>
    public IReadOnlyList<string> HowArguments { get; init; } = [];

    /// <summary>Share of the training images whose labels are used, as many of each class.</summary>
    public double Labels { get; init; } = 1;

    /// <summary>Training images that BatchNorm's statistics are taken over.</summary>
    public CalibrationDraw Calibration { get; init; } = CalibrationDraw.Default;

    /// <summary>Of every draw.</summary>
    public long Seed { get; init; }

    /// <inheritdoc/>
    public override string Verb => "study";

    /// <inheritdoc/>
    public override string Method => How.Name;

    /// <inheritdoc/>
    public override string Figure => LabelledStudy.Accuracy;

    /// <inheritdoc/>
    public override bool IsShare => true;

    /// <inheritdoc/>
    public override string SizeOption => "--size";

    /// <inheritdoc/>
    public override IEnumerable<string> Words =>
    [
        "--data", Data, "--train", Train, .. Test is null ? (string[])[] : ["--test", Test], "--labels",
        $"{Wording.Number(100 * Labels)}%", "--calibration", Calibration.ToString(), "--method", Method, .. HowArguments,
    ];

    /// <inheritdoc/>
    public override StudyLabels Open(SearchSpace space, int size)
    {
        ImageSource.Open(Data);
        var pixels = Runtime.Training.Checkpoint.Describe(Checkpoint).Options.Pixels;
        return new AccuracyLabels(this, LabelledData.Load(Train, Test, Seed, pixels, "--train"), space, size);
    }
}

/// <summary>Labelled images that classifiers learn from and are tested on.</summary>
internal sealed class AccuracyLabels : StudyLabels
{
    private readonly AccuracyMeasure asked;
    private readonly LabelledData data;
    private readonly LabelledPart labelled;
    private readonly int size;
    private readonly Bootstrap bootstrap;

    // Of the first subnet, after the walk, which has its own.
    private readonly Lazy<NetworkPair> networks;

    public AccuracyLabels(AccuracyMeasure asked, LabelledData data, SearchSpace space, int size)
    {
        (this.asked, this.data, this.size) = (asked, data, size);
        labelled = data.Train.At(LabelShare.Balanced(data.Train.Labels, asked.Labels, asked.Seed));
        bootstrap = new(data.Test.Count, asked.Seed);
        networks = new(() => Checkpoint.LoadNetworks(asked.Checkpoint, space, asked.Device));
    }

    public override ImageSource? Images => null;

    public override int TestImages => data.Test.Count;

    public override IReadOnlyDictionary<string, string> Identity => new Dictionary<string, string>
    {
        ["method"] = asked.How.ToString(),
        ["size"] = size.ToString(CultureInfo.InvariantCulture),
        ["labels"] = asked.Labels.ToString(CultureInfo.InvariantCulture),
        ["calibration"] = asked.Calibration.ToString(),
        ["training images"] = data.Train.Store.Source.Fingerprint[..16],
        ["test images"] = data.Test.Store.Source.Fingerprint[..16],
        ["test count"] = data.Test.Count.ToString(CultureInfo.InvariantCulture),
    };

    public override JsonObject Facts() => new()
    {
        ["data"] = data.Facts(labelled.Count),
        ["labels"] = asked.Labels,
        ["calibration"] = asked.Calibration.ToString(),
    };

    public override JsonObject Measure(Architecture architecture, string state, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        using var scope = NewDisposeScope();
        using var network = NetworkSource.Calibrated(
            networks.Value.Student, architecture, new(data.Train.Store, size, asked.Device, data.Train.Indices), asked.Calibration,
            asked.Device);
        var (accuracy, right, options) = asked.How.Run(
            new(network, labelled, data.Test, data.Classes, size, asked.Seed, asked.Calibration, asked.Device));
        return new()
        {
            ["top1"] = AccuracyText.Json(accuracy.Top1),
            ["top5"] = accuracy.Top5 is { } top5 ? AccuracyText.Json(top5) : null,
            ["options"] = options,
            ["seconds"] = Math.Round(watch.Elapsed.TotalSeconds, 1),
            ["images"] = RightImages.Text(right),
        };
    }

    public override StudyOutcome? Read(JsonObject line) => Read(line, data.Test.Count, bootstrap);

    /// <summary>What a line says of so many test images; null for a line of something else.</summary>
    public static StudyOutcome? Read(JsonObject line, int images, Bootstrap bootstrap)
    {
        if (line["top1"] is not JsonObject top1 || JsonText.Whole(top1, "of") != images) return null;
        if (JsonText.Whole(top1, "right") is not (>= 0 and <= int.MaxValue and var hits)) return null;
        if (RightImages.Read(JsonText.Text(line, "images"), images, (int)hits) is not { } right) return null;
        var accuracy = new Proportion((int)hits, images);
        return new(new(accuracy.Value, accuracy.Low, accuracy.High), bootstrap.Chances(right), "top1", AccuracyText.Json(accuracy));
    }

    public override void Dispose()
    {
        bootstrap.Dispose();
        if (networks.IsValueCreated) networks.Value.Dispose();
    }
}
