using System.CommandLine;
using DataSsl.Runtime;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Cli.Evaluation;

/// <summary>A method of evaluation as the command line asks for it.</summary>
/// <param name="Own">Its options.</param>
/// <param name="Read">The method that they ask for.</param>
internal sealed record MethodOptions(string Name, string Description, IReadOnlyList<Option> Own, Func<ParseResult, EvaluationMethod> Read)
{
    /// <summary>Every method, with options of its own.</summary>
    public static IReadOnlyList<MethodOptions> All => [Knn(), Linear(), FineTune()];

    private static MethodOptions Knn()
    {
        var k = new Option<int>("--k") { Description = "Neighbours that vote.", DefaultValueFactory = _ => KnnClassifier.DefaultNeighbours, HelpName = "N" };
        var temperature = new Option<double>("--temperature") { Description = "A neighbour's vote is exp(cosine / temperature).", DefaultValueFactory = _ => KnnClassifier.DefaultTemperature, HelpName = "X" };
        return new("knn", "Weighted k-nearest-neighbour classifier on the embeddings: nothing is trained.", [k, temperature], parsed =>
            new KnnMethod(Options.Positive("--k", parsed.GetValue(k)), Options.Number(parsed, temperature, above: 0)));
    }

    private static MethodOptions Linear()
    {
        var l2 = new Option<double?>("--l2") { Description = "Weight of the penalty on the squared weights. Default: chosen on a fifth of each class of the labelled training images.", HelpName = "X" };
        return new("linear", "Logistic regression on the embeddings, which are computed once (L-BFGS).", [l2], parsed =>
            new LinearMethod(parsed.GetValue(l2) is { } given ? Options.Number("--l2", given, above: 0) : null));
    }

    private static MethodOptions FineTune()
    {
        var defaults = new FineTuneOptions();
        var epochs = new Option<int>("--epochs") { Description = "Passes over the labelled images.", DefaultValueFactory = _ => defaults.Epochs, HelpName = "N" };
        var batch = new Option<int>("--batch") { Description = "Images a step.", DefaultValueFactory = _ => defaults.Batch, HelpName = "N" };
        var rate = new Option<double>("--rate") { Description = "The network's learning rate at the start of the cosine; 0 leaves its weights as they are.", DefaultValueFactory = _ => defaults.Rate, HelpName = "X" };
        var headRate = new Option<double>("--head-rate") { Description = "The new classifier's.", DefaultValueFactory = _ => defaults.HeadRate, HelpName = "X" };
        var decay = new Option<double>("--weight-decay") { Description = "Weight decay.", DefaultValueFactory = _ => defaults.WeightDecay, HelpName = "X" };
        return new("finetune", "Train a copy of the whole network and a classifier behind it (random crops and flips, SGD, cosine).", [epochs, batch, rate, headRate, decay], parsed =>
            new FineTuneMethod(new(
                Options.Positive("--epochs", parsed.GetValue(epochs)),
                parsed.GetValue(batch) is >= 2 and var images ? images : throw new UserException($"--batch must be at least 2, not {parsed.GetValue(batch)}: BatchNorm needs a batch"),
                Options.Number(parsed, rate, from: 0), Options.Number(parsed, headRate, above: 0), Options.Number(parsed, decay, from: 0))));
    }
}
