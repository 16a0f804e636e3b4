using System.CommandLine;
using DataSsl.Cli.Shared;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;

namespace DataSsl.Cli.Evaluation;

/// <summary>A method of evaluation as the command line asks for it.</summary>
/// <param name="Own">Its options.</param>
/// <param name="Read">The method that they ask for.</param>
internal sealed record EvaluationOptions(
    string Name, string Description, IReadOnlyList<Option> Own, Func<ParseResult, EvaluationMethod> Read)
{
    /// <summary>
    /// Of <c>evaluate</c> alone, how much of a run's head stays: verdicts and studies compare networks without their heads. Null where the
    /// method has no use for one.
    /// </summary>
    public Option<int>? KeptLayers { get; init; }

    /// <summary>The method as <c>evaluate</c> asks for it.</summary>
    public EvaluationMethod ReadWithHead(ParseResult parsed) =>
        Read(parsed) with { KeptLayers = KeptLayers is { } kept ? parsed.GetValue(kept) : 0 };

    /// <summary>Every method, with options of its own.</summary>
    public static IReadOnlyList<EvaluationOptions> All => [Knn("--"), Linear("--"), FineTune("--")];

    /// <summary>The same where other options have their names: <c>--finetune-epochs</c>.</summary>
    public static IReadOnlyList<EvaluationOptions> Prefixed => [Knn("--knn-"), Linear("--linear-"), FineTune("--finetune-")];

    /// <summary>
    /// The methods that the words of <c>--methods</c> name, in their order; none that is not among them may have options.
    /// </summary>
    /// <exception cref="UserException">A word names none, or an option is of another method.</exception>
    public static IReadOnlyList<EvaluationOptions> Chosen(
        ParseResult parsed, IReadOnlyList<string> names, IReadOnlyList<EvaluationOptions> methods)
    {
        if (names.FirstOrDefault(name => methods.All(m => m.Name != name)) is { } unknown)
            throw new UserException($"--methods {unknown}: give of {string.Join(", ", methods.Select(m => m.Name))}");
        foreach (var other in methods.Where(m => !names.Contains(m.Name)))
            if (other.Own.FirstOrDefault(parsed.IsGiven) is { } stray)
                throw new UserException($"{stray.Name} goes with --methods {other.Name}");
        return [.. names.Select(name => methods.Single(m => m.Name == name))];
    }

    private static EvaluationOptions Knn(string before)
    {
        var k = NumberOption.Of($"{before}k", Options.Count, KnnClassifier.DefaultNeighbours, "Neighbours that vote.");
        var temperature = NumberOption.Of(
            $"{before}temperature", ObjectiveBounds.Temperature, KnnClassifier.DefaultTemperature,
            "A neighbour's vote is exp(cosine / temperature).", "X");
        return new("knn", "Weighted k-nearest-neighbour classifier on the embeddings: nothing is trained.", [k, temperature], parsed =>
            new KnnMethod(parsed.GetValue(k), parsed.GetValue(temperature)));
    }

    private static EvaluationOptions Linear(string before)
    {
        var l2 = NumberOption.Maybe(
            $"{before}l2", Options.Positive,
            "Weight of the penalty on the squared weights. Default: chosen on a fifth of each class of the labelled training images.", "X");
        return new("linear", "Logistic regression on the embeddings, which are computed once (L-BFGS).", [l2], parsed =>
            new LinearMethod(parsed.GetValue(l2)));
    }

    private static EvaluationOptions FineTune(string before)
    {
        var defaults = new FineTuneOptions();
        var epochs = NumberOption.Of($"{before}epochs", TrainBounds.Epochs, defaults.Epochs, "Passes over the labelled images.");
        var batch = NumberOption.Of($"{before}batch", TrainBounds.Batch, defaults.Batch, "Images a step.");
        var rate = NumberOption.Of(
            $"{before}rate", TrainBounds.FinalRate, defaults.Rate,
            "The network's learning rate at the start of the cosine; 0 leaves its weights as they are.", "X");
        var headRate = NumberOption.Of($"{before}head-rate", TrainBounds.Rate, defaults.HeadRate, "The new classifier's.", "X");
        var decay = NumberOption.Of($"{before}weight-decay", TrainBounds.WeightDecay, defaults.WeightDecay, "Weight decay.", "X");
        return new(
            "finetune", "Train a copy of the whole network and a classifier behind it (random crops and flips, SGD, cosine).",
            [epochs, batch, rate, headRate, decay], parsed =>
            new FineTuneMethod(
                new(
                    parsed.GetValue(epochs), parsed.GetValue(batch), parsed.GetValue(rate), parsed.GetValue(headRate),
                    parsed.GetValue(decay))))
        {
            KeptLayers = NumberOption.Of(
                "--keep-head", new Bounds<int>(0, 16), 0,
                "Hidden layers of the run's head to keep between the network and the classifier, with --checkpoint (SSLight, SimCLR v2)."),
        };
    }
}
