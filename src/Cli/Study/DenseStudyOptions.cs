using System.CommandLine;
using DataSsl.Cli.DenseTasks;
using DataSsl.Cli.Shared;
using DataSsl.Dense.Training;
using DataSsl.Jobs.DenseTasks;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Study;
using DataSsl.Runtime;
using DataSsl.Runtime.Training;
using DataSsl.Search.Scores;

namespace DataSsl.Cli.Study;

/// <summary>
/// The options of <c>study detect</c>, <c>instances</c> and <c>segment</c>, those of the training as <c>evaluate</c> has them.
/// </summary>
internal sealed class DenseStudyOptions : StudyVerbOptions
{
    /// <summary>The features that DATA compares for its three dense tasks, all from one walk.</summary>
    private static readonly string s_features = string.Join(
        ',', new[] { SearchTask.DetectionC4, SearchTask.Detection, SearchTask.Segmentation }.Select(task => task.Name));

    private static readonly string[] s_scores = ["AP", "AP50", "AP75"];

    private readonly DenseTask task;
    private readonly DenseVerbOptions dense;
    private readonly Option<string> metric = new("--metric")
    {
        Description = $"What the scores are set against, by COCO's protocol: {string.Join(", ", s_scores)}. All are kept: another can be "
            + "asked for with --resume.",
        DefaultValueFactory = _ => s_scores[0],
        HelpName = "NAME",
    };
    private readonly Option<int?> scoreSize = NumberOption.Maybe(
        "--score-size", TrainBounds.Side, "Side of the square images that the scores are taken on. Default: the training's.", "PIXELS");

    public DenseStudyOptions(DenseTask task)
    {
        (this.task, dense) = (task, new(task, DenseDefaults.OfStudy(task)));
        Search.Tasks.DefaultValueFactory = _ => s_features;
        Search.Tasks.Description = "Features whose scores are set against what was measured, comma-separated: detection-c4 (C5), detection "
            + "(C2-C5), segmentation (C4-C5), classification (z), or your own as name=FEATURES:METRIC (mine=C3-C5:relation).";
    }

    public override (string, string) Verb => (DenseResult.Word(task), task switch
    {
        DenseTask.Detection => "The same against AP: train a detector (boxes) on each subnet, as 'evaluate detect' does.",
        DenseTask.Instances => "The same against AP of masks: train a Mask R-CNN on each subnet, as 'evaluate instances' does.",
        _ => "The same against mIoU: train a segmenter on each subnet, as 'evaluate segment' does.",
    });

    public override IEnumerable<Option> All =>
    [
        Search.Checkpoint, .. dense.Own, .. task == DenseTask.Segmentation ? (Option[])[] : [metric], Search.Out, Subnets,
        Search.CandidateList, Budgets, Search.Tasks, Search.Images, scoreSize, Search.CompareDomain, Search.Memory, Search.Resume,
        Search.Seed, Search.Device, Search.Threads, Json,
    ];

    public override StudyRequest Read(SpaceCatalogue spaces, ParseResult parsed)
    {
        var score = task == DenseTask.Segmentation ? "mIoU" : Score(parsed.GetValue(metric)!);
        var search = Search.Read(parsed, budgets: "all", data: parsed.Required(dense.Data)) with { Size = parsed.GetValue(scoreSize) };
        SearchJob.Searchable(search.Checkpoint);
        var how = dense.Read(
            parsed, size => NetworkSource.Subnet(spaces, search.Checkpoint, "Max", size), search.Seed,
            Options.FindDevice(parsed.GetValue(Search.Device)!));
        // What is trained has the costs of its own size.
        return Request(
            parsed, search with { CostSize = how.Source.Size },
            new DenseMeasure(
                spaces, search.Checkpoint, how, score,
                [.. Options.Given(parsed, [.. dense.Own, .. task == DenseTask.Segmentation ? (Option[])[] : [metric]])]));
    }

    private static string Score(string text) =>
        s_scores.FirstOrDefault(score => score.Equals(text, StringComparison.OrdinalIgnoreCase))
            ?? throw new UserException($"--metric {text}: give {string.Join(", ", s_scores)}");
}
