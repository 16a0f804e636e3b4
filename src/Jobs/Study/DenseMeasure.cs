using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using DataSsl.Dense.Heads;
using DataSsl.Dense.Metrics;
using DataSsl.Jobs.DenseTasks;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Results;
using Architecture = DataSsl.Runtime.Supernets.Architecture;

namespace DataSsl.Jobs.Study;

/// <summary>
/// What a detector or segmenter on a subnet scores, as <c>evaluate detect</c>, <c>instances</c> and <c>segment</c> train it.
/// </summary>
/// <param name="Spaces">Where the supernet's space is found.</param>
/// <param name="Checkpoint">The supernet.</param>
/// <param name="How">The training; its network is the largest one.</param>
/// <param name="Score">Which of the scores (<see cref="DenseScores.Drawn"/>).</param>
/// <param name="Arguments">Its options as they were given.</param>
internal sealed record DenseMeasure(
    SpaceCatalogue Spaces, string Checkpoint, DenseRequest How, string Score, IReadOnlyList<string> Arguments) : StudyMeasure
{
    public override string Verb => $"study {Method}";

    public override string Method => DenseResult.Word(How.Settings.Task);

    public override string Figure => Score;

    public override bool IsShare => false;

    public override string SizeOption => "--score-size";

    public override IEnumerable<string> Words => Arguments;

    public override StudyLabels Open(SearchSpace space, int size)
    {
        SubnetBackbone.MustHaveMaps(space);
        return new DenseLabels(this, How.Load());
    }
}

/// <summary>Images with marked objects or pixels that detectors and segmenters learn from and are tested on.</summary>
internal sealed class DenseLabels(DenseMeasure asked, DenseData data) : StudyLabels
{
    private readonly int labelled = data.Train.Share(asked.How.Labels, asked.How.Seed).Count;

    /// <summary>DATA searches on the images of the task.</summary>
    public override ImageSource? Images => data.TrainImages.Source;

    public override int TestImages => data.Test.Count;

    /// <summary>Which of the scores is set against the ranking is not of it: a line has them all.</summary>
    public override IReadOnlyDictionary<string, string> Identity
    {
        get
        {
            var identity = asked.How.Identity(data, labelled).Where(entry => entry.Key != DenseRequest.NetworkKey).ToDictionary();
            identity["size"] = asked.How.Source.Size.ToString(CultureInfo.InvariantCulture);
            identity["calibration"] = asked.How.Calibration.ToString();
            identity["test images"] = data.TestImages.Source.Fingerprint;
            return identity;
        }
    }

    public override JsonObject Facts() => new()
    {
        ["data"] = data.Facts(labelled),
        ["labels"] = asked.How.Labels,
        ["calibration"] = asked.How.Calibration.ToString(),
        ["options"] = asked.How.Facts(labelled),
    };

    public override JsonObject Measure(Architecture architecture, string state, CancellationToken cancellation)
    {
        var source = NetworkSource.Subnet(asked.Spaces, asked.Checkpoint, architecture.ToString(), asked.How.Source.Size);
        var result = DenseJob.Run(asked.How with { Source = source }, data, state, cancellation);
        if (!double.IsFinite(result.Scores.Main[0].Value.Value))
            throw new UserException(
                $"{asked.How.Test ?? asked.How.Data}: nothing is marked on the test images, so that nothing can be found; give others by --test");
        return new()
        {
            ["measured"] = result.Scores.Json(data.Classes),
            ["batchNorm"] = result.Norm,
            ["secondsAStep"] = result.Record["secondsAStep"]?.DeepClone(),
            ["seconds"] = result.Record["seconds"]?.DeepClone(),
            ["drawn"] = new JsonObject(
                result.Scores.Drawn.Select(each => KeyValuePair.Create(DenseScores.Key(each.Key), (JsonNode?)Text(each.Value)))),
        };
    }

    public override StudyOutcome? Read(JsonObject line)
    {
        var key = DenseScores.Key(asked.Score);
        return line["measured"] is JsonObject measured && measured[key] is JsonObject score && line["drawn"] is JsonObject drawn
            && Share(score, "value") is { } value && Share(score, "low") is { } low && Share(score, "high") is { } high
            && Draws(JsonText.Text(drawn, key)) is { } draws
            ? new(new(value, low, high), Bootstrap.Chances(value, draws, TestImages), "measured", (JsonObject)measured.DeepClone())
            : null;
    }

    private static double? Share(JsonObject of, string name) =>
        JsonText.Number(of, name) is >= 0 and <= 1 and var share ? share : null;

    /// <summary>Numbers of 32 bits in base 64.</summary>
    private static string Text(float[] draws) => Convert.ToBase64String(MemoryMarshal.AsBytes<float>(draws));

    private static float[]? Draws(string? text)
    {
        var draws = new float[ImageBootstrap.Draws];
        return text is not null && Convert.TryFromBase64String(text, MemoryMarshal.AsBytes(draws.AsSpan()), out var bytes)
            && bytes == draws.Length * sizeof(float) && draws.All(draw => draw is (>= 0 and <= 1) or float.NaN)
            ? draws
            : null;
    }

    public override void Dispose()
    {
    }
}
