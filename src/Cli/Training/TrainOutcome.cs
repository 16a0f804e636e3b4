using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Training;

namespace DataSsl.Cli.Training;

/// <summary>What a training that came to its end says.</summary>
internal sealed class TrainOutcome(
    Trainer trainer, TrainOptions options, ImageStore images, ImageStore? test, long firstStep, TimeSpan took, TrainFollower follower,
    LearntArchitecture? learnt)
{
    private readonly double? knn = follower.Evaluation?.Accuracy();
    private readonly string of = test is null ? "the training folder, leaving one out" : test.Source.Root;

    public JsonObject ToJson() => new()
    {
        ["space"] = options.Space,
        ["checkpoint"] = trainer.CheckpointPath,
        ["steps"] = trainer.Steps,
        ["stepsOfThisCommand"] = trainer.Steps - firstStep,
        ["firstLoss"] = follower.Losses is [var first, ..] ? first : null,
        ["lastLoss"] = follower.Losses is [.., var last] ? last : null,
        ["architecture"] = learnt?.Text,
        ["knnAccuracy"] = knn,
        ["knnOn"] = knn is null ? null : of,
        ["leaks"] = follower.Evaluation?.Leaks is { } leaks ? TestOverlap.Json(leaks) : null,
    };

    /// <param name="planned">What 'plan' had said; null where it was not asked.</param>
    public void Print(TrainPlan? planned)
    {
        var what = trainer.Model.Networks.Only is { } only ? $"{only} of {options.Space}" : options.Space;
        var steps = trainer.Steps - firstStep;
        if (steps == 0)
            Output.Line(
                $"nothing to train: {what} with {options.Method.Objective.Name} has all of its {Wording.Count(trainer.Steps, "step")}: {trainer.CheckpointPath}; for more give --epochs above {options.Epochs}");
        else
            Output.Line(
                $"trained {what} with {options.Method.Objective.Name} for {Wording.Count(steps, "step")}{(firstStep > 0 ? FormattableString.Invariant($", {trainer.Steps:N0} in all") : "")}: {trainer.CheckpointPath}");
        if (planned is { } plan && steps > 0) Output.Line($"{plan.Against(steps, took)}");
        if (knn is { } accuracy)
            Output.Line($"kNN accuracy{(trainer.Model.Networks.Only is null ? " of Max" : "")} on {of}: {100 * accuracy:0.0} %");
        if (learnt is not null) learnt.Print();
        else Output.Line($"next: {(trainer.Model.Networks.Only is null
            ? NextCommand.Of(
                "search", "--checkpoint", trainer.CheckpointPath, "--data", options.Data, "--budgets", BudgetExample(trainer.Groups),
                "--out", Path.GetDirectoryName(trainer.CheckpointPath)!)
            : NextCommand.Of(
                "evaluate linear", "--checkpoint", trainer.CheckpointPath, "--data",
                images.Labels is null ? "LABELLED_IMAGES" : options.Data))}");
    }

    /// <summary>A budget that the space can meet: around its median, in the unit that fits.</summary>
    private static string BudgetExample(SizeGroups groups)
    {
        var macs = groups.MiddleMacs;
        var (unit, letter) = macs >= 1_000_000_000 ? (1e9, 'G') : (1e6, 'M');
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(macs / unit)}-{Math.Floor(macs / unit) + 1}{letter}");
    }
}
