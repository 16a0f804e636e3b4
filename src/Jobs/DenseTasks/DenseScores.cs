using System.Text.Json.Nodes;
using DataSsl.Dense.Metrics;
using DataSsl.Dense.Training;
using DataSsl.Jobs.Shared;
using DataSsl.Search.Results;
using static TorchSharp.torch;

namespace DataSsl.Jobs.DenseTasks;

/// <summary>
/// What a dense network scored on the test images, each score from 0 to 1; not a number where there is nothing to be found.
/// </summary>
/// <param name="Main">Those that matter, the first first, with 95 % intervals over the images where those are reckoned.</param>
/// <param name="Columns">Of each class: the names of its scores.</param>
/// <param name="ByClass">Of each class its scores.</param>
internal sealed record DenseScores(
    IReadOnlyList<(string Name, Estimate Value)> Main, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<Estimate>> ByClass)
{
    /// <summary>The first of <see cref="Main"/>, by name: what each was in each draw of the test images.</summary>
    public required IReadOnlyDictionary<string, float[]> Drawn { get; init; }

    /// <summary>Where the boxes are best taken, by VOC's rules; null where no box is right, and of pixels.</summary>
    public OperatingPoint? Best { get; init; }

    /// <summary>COCO's by boxes or masks, and VOC's by boxes.</summary>
    public static DenseScores Of(IReadOnlyList<ImageTruth> images, int classes, bool byMasks, long seed)
    {
        var workers = get_num_threads();
        var (coco, voc) = (CocoEvaluation.Of(images, classes, byMasks, workers), new VocAveragePrecision(images, classes));
        var (scores, draws) = (coco.Scores(), ImageBootstrap.Draw(coco, seed, workers));
        var intervals = ImageBootstrap.Intervals(draws);
        var vocIntervals = ImageBootstrap.Intervals(ImageBootstrap.Draw(voc, seed, workers));
        List<(string, Estimate)> main =
        [
            ("AP", With(scores.Ap, intervals[0])), ("AP50", With(scores.Ap50, intervals[1])), ("AP75", With(scores.Ap75, intervals[2])),
            ("AP small", Alone(scores.ApSmall)), ("AP medium", Alone(scores.ApMedium)), ("AP large", Alone(scores.ApLarge)),
            ("AR100", Alone(scores.Ar100)), ("VOC AP50", With(voc.Mean(), vocIntervals[0])),
        ];
        if (byMasks) main.Add(("box AP", Alone(CocoEvaluation.Of(images, classes, byMasks: false, workers).Scores().Ap)));
        var vocClasses = voc.ByClass();
        return new(main, ["AP", "VOC AP50"], [.. Enumerable.Range(0, classes).Select(number => (IReadOnlyList<Estimate>)
        [
            With(scores.ByClass[number], intervals[3 + number]), With(vocClasses[number], vocIntervals[1 + number]),
        ])])
        { Drawn = Columnwise(["AP", "AP50", "AP75"], draws), Best = voc.Best() };
    }

    /// <summary>Intersection over union, its mean first.</summary>
    public static DenseScores Of(ConfusionMatrix matrix, long seed)
    {
        var (classes, draws) = (matrix.ByClass(), ImageBootstrap.Draw(matrix, seed, get_num_threads()));
        var intervals = ImageBootstrap.Intervals(draws);
        return new(
            [("mIoU", With(matrix.Mean(), intervals[0])), ("pixel accuracy", Alone(matrix.Accuracy()))], ["IoU"],
            [.. classes.Select((value, number) => (IReadOnlyList<Estimate>)[With(value, intervals[1 + number])])])
        { Drawn = Columnwise(["mIoU"], draws) };
    }

    /// <summary>Runs a network over the test images.</summary>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static DenseScores Of(DenseNetwork network, DenseData data, long seed, Device device, CancellationToken cancellation)
    {
        var (prediction, progress) = (new DensePrediction(network, device), new ProgressLine(data.Test.Count, "test images"));
        if (data.Test is SegmentationExamples pixels)
        {
            var matrix = new ConfusionMatrix(data.Classes.Count, pixels.Set.Void);
            foreach (var (done, item) in pixels.Items.Index())
            {
                cancellation.ThrowIfCancellationRequested();
                matrix.Add(pixels.Set.Mask(item).Values, prediction.Classes(pixels.Set.Image(item)));
                progress.Report(done + 1);
            }
            return Of(matrix, seed);
        }
        var (objects, images) = ((DetectionExamples)data.Test, new List<ImageTruth>());
        foreach (var (done, item) in objects.Items.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            images.Add(new(objects.Set.Objects(item), prediction.Objects(objects.Set.Image(item))));
            progress.Report(done + 1);
        }
        return Of(images, data.Classes.Count, network.Settings.Task == DenseTask.Instances, seed);
    }

    /// <summary>As a line of a record.</summary>
    public JsonObject Json(IReadOnlyList<string> classes)
    {
        var json = new JsonObject();
        foreach (var (name, value) in Main) json[Key(name)] = Number(value);
        if (Best is { } best)
            json["bestF1"] = new JsonObject
            {
                ["score"] = best.Score,
                ["f1"] = best.F1,
                ["precision"] = best.Precision,
                ["recall"] = best.Recall,
            };
        json["byClass"] = new JsonArray([.. classes.Select((name, number) =>
        {
            var own = new JsonObject { ["class"] = name };
            foreach (var (column, value) in Columns.Zip(ByClass[number])) own[Key(column)] = Number(value);
            return own;
        })]);
        return json;
    }

    /// <summary>In percent, with its interval; a dash where there is none.</summary>
    public static string Text(Estimate e) =>
        !double.IsFinite(e.Value) ? "-"
        : double.IsFinite(e.Low)
            ? FormattableString.Invariant($"{100 * e.Value:0.0} % ({100 * e.Low:0.0} to {100 * e.High:0.0})")
        : FormattableString.Invariant($"{100 * e.Value:0.0} %");

    private static JsonNode? Number(Estimate e) => double.IsFinite(e.Low) ? JsonNumber.Of(e) : JsonNumber.Of(e.Value);

    /// <summary>Words of a name as one: <c>apSmall</c>.</summary>
    public static string Key(string name)
    {
        var words = name.Split(' ');
        return (words[0].All(c => char.IsUpper(c) || char.IsDigit(c)) ? words[0].ToLowerInvariant() : words[0])
            + string.Concat(words[1..].Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }

    private static Dictionary<string, float[]> Columnwise(IReadOnlyList<string> names, double[][] draws) =>
        names.Index().ToDictionary(name => name.Item, name => Array.ConvertAll(draws, draw => (float)draw[name.Index]));

    private static Estimate With(double value, (double Low, double High) interval) => new(value, interval.Low, interval.High);

    private static Estimate Alone(double value) => new(value, double.NaN, double.NaN);
}
