using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Dense.Training;
using DataSsl.Jobs.Evaluation;
using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Jobs.DenseTasks;

/// <summary>A training of a dense network as the command line asks for it.</summary>
/// <param name="Source">What it stands on.</param>
/// <param name="Settings">What it is, its classes not yet known.</param>
/// <param name="Data">Images to learn from.</param>
/// <param name="Test">Images to test on; null for a part of those.</param>
/// <param name="Classes">Names of the classes; null for those of the set.</param>
/// <param name="Void">The number of pixels that nothing is said of.</param>
/// <param name="Labels">Share of the training images that is used.</param>
/// <param name="Steps">Steps in all; null for as many as <paramref name="Epochs"/> take.</param>
/// <param name="TrainsNorm">Whether the backbone's BatchNorm takes statistics of each batch.</param>
/// <param name="Calibration">Training images that its statistics are taken over at first.</param>
internal sealed record DenseRequest(
    NetworkSource Source, DenseSettings Settings, string Data, string? Test, IReadOnlyList<string>? Classes, int Void, double Labels,
    int? Steps, int Epochs, int Batch, double Rate, DenseSchedule Schedule, bool TrainsNorm, CalibrationDraw Calibration, long Seed,
    Device Device)
{
    /// <summary>What <see cref="Identity"/> calls the network.</summary>
    public const string NetworkKey = "network";

    /// <summary>Reads its images.</summary>
    public DenseData Load() => DenseData.Load(Settings.Task, Data, Test, Classes, Void, Seed);

    /// <summary>How so many images are learnt from.</summary>
    public DenseTrainOptions Options(int images) => new()
    {
        Steps = Steps ?? Epochs * Math.Max(1, images / Batch),
        Batch = Batch,
        Rate = Rate,
        Schedule = Schedule,
        TrainsNorm = TrainsNorm,
    };

    /// <summary>What a run must agree in to go on with another's state.</summary>
    public IReadOnlyDictionary<string, string> Identity(DenseData data, int labelled) => new Dictionary<string, string>
    {
        [NetworkKey] = Source.Facts.ToJsonString(),
        ["head"] = FormattableString.Invariant(
            $"{Settings.Task} {Settings.Head.Word()} {Settings.Width} {Settings.MinSize} {Settings.MaxSize}"),
        ["classes"] = string.Join(',', data.Classes),
        ["schedule"] = Options(labelled).ToString(),
        ["images"] = data.TrainImages.Source.Fingerprint,
        ["split"] = data.Split,
        ["labels"] = Labels.ToString(CultureInfo.InvariantCulture),
        ["seed"] = Seed.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>How it is trained, for a record.</summary>
    public JsonObject Facts(int labelled)
    {
        var how = Options(labelled);
        return new()
        {
            ["head"] = Settings.Head.Word(),
            ["width"] = Settings.Width,
            ["minSize"] = Settings.MinSize,
            ["maxSize"] = Settings.MaxSize,
            ["steps"] = how.Steps,
            ["batch"] = how.Batch,
            ["rate"] = how.Rate,
            ["schedule"] = how.Schedule.ToString().ToLowerInvariant(),
            ["warmup"] = how.Warmup,
            ["norm"] = how.TrainsNorm ? "trained" : "frozen",
            ["momentum"] = how.Momentum,
            ["weightDecay"] = how.WeightDecay,
            ["clip"] = how.Clip,
            ["scale"] = new JsonArray(how.Scale.Low, how.Scale.High),
        };
    }
}
