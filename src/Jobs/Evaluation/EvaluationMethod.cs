using System.Text.Json.Nodes;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Evaluation;

/// <summary>A network on a device and the images to judge it by.</summary>
/// <param name="Network">[N, 3, S, S] -> [N, C], in evaluation mode.</param>
/// <param name="Labelled">The training images whose classes may be used.</param>
/// <param name="Test">The images that are classified.</param>
/// <param name="Classes">Number of classes.</param>
/// <param name="Size">Side of the images in pixels.</param>
/// <param name="Seed">Of every draw.</param>
/// <param name="CalibrationImages">At most so many for BatchNorm's statistics.</param>
public sealed record EvaluationTask(
    nn.Module<Tensor, Tensor> Network, LabelledPart Labelled, LabelledPart Test, int Classes, int Size, long Seed,
    CalibrationDraw CalibrationImages, Device Device)
{
    /// <summary>A part's images as the network is shown them.</summary>
    public EvaluationImages Images(LabelledPart part) => new(part.Store, Size, Device, part.Indices);

    /// <summary>Embeddings of a part: [N, C].</summary>
    public Tensor Features(LabelledPart part) => NetworkSource.Features(Network, Images(part));
}

/// <summary>How a network is judged.</summary>
/// <param name="Name">The sub-verb's.</param>
public abstract record EvaluationMethod(string Name)
{
    /// <summary>Hidden layers of the run's head that stay behind the network.</summary>
    public int KeptLayers { get; init; }

    /// <summary>The accuracy on the test images, which of them were named rightly, and what was chosen on the way to it.</summary>
    public (TopAccuracy Accuracy, bool[] Right, JsonObject Options) Run(EvaluationTask task)
    {
        using var scope = NewDisposeScope();
        var (scores, options) = Scores(task);
        return (TopAccuracy.Of(scores, task.Test.Labels), TopAccuracy.Right(scores, task.Test.Labels), options);
    }

    /// <summary>
    /// Scores of the classes for each test image, [N, classes], in the present dispose scope, and what was chosen on the way to them.
    /// </summary>
    protected abstract (Tensor Scores, JsonObject Options) Scores(EvaluationTask task);
}

/// <summary>Weighted k nearest neighbours among the labelled images, by cosine.</summary>
/// <param name="K">How many vote.</param>
/// <param name="Temperature">A neighbour's vote is exp(cosine / temperature).</param>
public sealed record KnnMethod(int K = KnnClassifier.DefaultNeighbours, double Temperature = KnnClassifier.DefaultTemperature)
    : EvaluationMethod("knn")
{
    /// <inheritdoc/>
    protected override (Tensor, JsonObject) Scores(EvaluationTask task)
    {
        var (bank, queries) = (nn.functional.normalize(task.Features(task.Labelled), dim: 1),
            nn.functional.normalize(task.Features(task.Test), dim: 1));
        var votes = KnnClassifier.Votes(bank, task.Labelled.Labels, task.Classes, queries, K, Temperature);
        return (votes, new() { ["k"] = K, ["temperature"] = Temperature });
    }
}

/// <summary>Logistic regression on features computed once.</summary>
/// <param name="L2">Weight of the penalty; null to choose it.</param>
public sealed record LinearMethod(double? L2 = null) : EvaluationMethod("linear")
{
    /// <inheritdoc/>
    protected override (Tensor, JsonObject) Scores(EvaluationTask task)
    {
        var features = task.Features(task.Labelled);
        var (probe, heldOut) = L2 is { } given
            ? (LinearProbe.Fit(features, task.Labelled.Labels, task.Classes, given), [])
            : LinearProbe.Choose(features, task.Labelled.Labels, task.Classes, task.Seed)
                ?? throw new UserException(
                    "one labelled image a class leaves nothing to choose the penalty by; give --l2, or a larger share of --labels");
        using (probe)
        {
            JsonObject options = new() { ["l2"] = probe.L2, ["l2Chosen"] = L2 is null };
            if (L2 is null)
            {
                options["heldOut"] = FormattableString.Invariant(
                    $"{LinearProbe.HeldOutShare} of each class of the labelled training images");
                options["sweep"] = new JsonArray(
                    [.. heldOut.Select(h => new JsonObject { ["l2"] = h.L2, ["loss"] = h.Loss, ["accuracy"] = h.Accuracy })]);
            }
            return (probe.Scores(task.Features(task.Test)), options);
        }
    }
}

/// <summary>Training of the whole network with a classifier behind it.</summary>
/// <param name="How">For how long, and at which rates.</param>
public sealed record FineTuneMethod(FineTuneOptions How) : EvaluationMethod("finetune")
{
    /// <inheritdoc/>
    protected override (Tensor, JsonObject) Scores(EvaluationTask task)
    {
        var progress = new ProgressLine(FineTuning.Steps(task.Labelled.Count, How), "steps");
        var lastLoss = double.NaN;
        using var tuned = FineTuning.Run(
            task.Network, task.Labelled.Store, task.Labelled.Indices, task.Labelled.Labels, task.Classes, task.Size, How, task.Seed,
            task.Device, task.CalibrationImages,
            (step, loss) =>
            {
                progress.Report(step);
                lastLoss = loss;
            });
        return (tuned.Scores(task.Images(task.Test)), new()
        {
            ["keptLayers"] = KeptLayers,
            ["epochs"] = How.Epochs,
            ["batch"] = How.Batch,
            ["rate"] = How.Rate,
            ["headRate"] = How.HeadRate,
            ["weightDecay"] = How.WeightDecay,
            ["momentum"] = How.Momentum,
            ["lastLoss"] = lastLoss,
        });
    }
}
