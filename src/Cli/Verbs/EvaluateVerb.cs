using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Cli.Evaluation;
using DataSsl.Runtime;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Storage;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl evaluate</c>: how well labelled images are told apart with a network's features.</summary>
internal static class EvaluateVerb
{
    public const string RecordFile = "evaluations.jsonl";

    public static Command Create(SpaceCatalogue spaces) => new("evaluate", "Measure on labelled images what a network's features are worth, with a 95 % confidence interval.")
    {
        Knn(spaces), Linear(spaces), FineTune(spaces),
    };

    private static Command Knn(SpaceCatalogue spaces)
    {
        var k = new Option<int>("--k") { Description = "Neighbours that vote.", DefaultValueFactory = _ => KnnClassifier.DefaultNeighbours, HelpName = "N" };
        var temperature = new Option<double>("--temperature") { Description = "A neighbour's vote is exp(cosine / temperature).", DefaultValueFactory = _ => KnnClassifier.DefaultTemperature, HelpName = "X" };
        return Method(spaces, "knn", "Weighted k-nearest-neighbour classifier on the embeddings: nothing is trained.", [k, temperature], parsed =>
            new KnnMethod(Options.Positive("--k", parsed.GetValue(k)), Options.Number(parsed, temperature, above: 0)));
    }

    private static Command Linear(SpaceCatalogue spaces)
    {
        var l2 = new Option<double?>("--l2") { Description = "Weight of the penalty on the squared weights. Default: chosen on a fifth of each class of the labelled training images.", HelpName = "X" };
        return Method(spaces, "linear", "Logistic regression on the embeddings, which are computed once (L-BFGS).", [l2], parsed =>
            new LinearMethod(parsed.GetValue(l2) is { } given ? Options.Number("--l2", given, above: 0) : null));
    }

    private static Command FineTune(SpaceCatalogue spaces)
    {
        var defaults = new FineTuneOptions();
        var epochs = new Option<int>("--epochs") { Description = "Passes over the labelled images.", DefaultValueFactory = _ => defaults.Epochs, HelpName = "N" };
        var batch = new Option<int>("--batch") { Description = "Images a step.", DefaultValueFactory = _ => defaults.Batch, HelpName = "N" };
        var rate = new Option<double>("--rate") { Description = "The network's learning rate at the start of the cosine; 0 leaves its weights as they are.", DefaultValueFactory = _ => defaults.Rate, HelpName = "X" };
        var headRate = new Option<double>("--head-rate") { Description = "The new classifier's.", DefaultValueFactory = _ => defaults.HeadRate, HelpName = "X" };
        var decay = new Option<double>("--weight-decay") { Description = "Weight decay.", DefaultValueFactory = _ => defaults.WeightDecay, HelpName = "X" };
        return Method(spaces, "finetune", "Train a copy of the whole network and a classifier behind it (random crops and flips, SGD, cosine).", [epochs, batch, rate, headRate, decay], parsed =>
            new FineTuneMethod(new(
                Options.Positive("--epochs", parsed.GetValue(epochs)),
                parsed.GetValue(batch) is >= 2 and var images ? images : throw new UserException($"--batch must be at least 2, not {parsed.GetValue(batch)}: BatchNorm needs a batch"),
                Options.Number(parsed, rate, from: 0), Options.Number(parsed, headRate, above: 0), Options.Number(parsed, decay, from: 0))));
    }

    private static Command Method(SpaceCatalogue spaces, string name, string description, Option[] own, Func<ParseResult, EvaluationMethod> read)
    {
        var o = new EvaluateVerbOptions();
        var command = new Command(name, description);
        foreach (var option in o.Asking.Concat(own).Concat(o.Running)) command.Add(option);
        command.SetAction(parsed => Run(spaces, o, parsed, read(parsed)));
        return command;
    }

    private static int Run(SpaceCatalogue spaces, EvaluateVerbOptions o, ParseResult parsed, EvaluationMethod method)
    {
        Options.SetThreads(parsed, o.Threads);
        var device = Options.FindDevice(parsed.GetValue(o.Device)!);
        var (share, seed, calibration) = (o.Share(parsed), parsed.GetValue(o.Seed), Options.Positive("--calibration", parsed.GetValue(o.Calibration)));
        var dataPath = parsed.Required(o.Data);
        var source = o.Network(spaces, parsed, device);
        var data = LabelledData.Load(dataPath, parsed.GetValue(o.Test), source.Size, seed);
        var folder = (parsed.GetValue(o.Out) ?? source.Folder) is { } given ? Output.Folder(given) : null;
        var labelled = data.Train.At(LabelShare.Balanced(data.Train.Labels, share, seed));
        var watch = Stopwatch.StartNew();
        using var scope = NewDisposeScope();
        using var network = source.Build(new(data.Train.Store, source.Size, device, data.Train.Indices), calibration, device);
        var norm = source.BatchNorm(network, data.Train.Count, calibration);
        var (accuracy, options) = method.Run(new(network, labelled, data.Test, data.Classes, source.Size, seed, calibration, device));
        var record = new JsonObject
        {
            ["time"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            ["method"] = method.Name,
            ["top1"] = Facts(accuracy.Top1),
            ["top5"] = accuracy.Top5 is { } top5 ? Facts(top5) : null,
            ["options"] = options,
            ["network"] = source.Facts,
            ["batchNorm"] = norm,
            ["size"] = source.Size,
            ["data"] = data.Facts(labelled.Count),
            ["labels"] = share,
            ["seed"] = seed,
            ["seconds"] = Math.Round(watch.Elapsed.TotalSeconds, 1),
            ["datassl"] = SearchVerb.Version,
            ["machine"] = Runtime.Training.Checkpoint.Machine(device),
        };
        if (folder is not null) JsonLines.Append(Path.Combine(folder, RecordFile), record);
        if (parsed.GetValue(o.Json)) Output.Json(record);
        else
        {
            Output.Line($"{method.Name} accuracy of {source.Title}: {Text(accuracy.Top1)}{(accuracy.Top5 is { } five ? $"; top-5 {Text(five)}" : "")}");
            Output.Line($"  {labelled.Count:N0} labelled of {data.Train.Count:N0} training images, {data.Test.Count:N0} test images ({data.Split}), {data.Classes} classes, {source.Size} px; BatchNorm: {norm}");
            if (folder is not null) Output.Line($"  recorded in {Path.Combine(folder, RecordFile)}");
        }
        return 0;
    }

    private static string Text(Proportion p) => string.Create(CultureInfo.InvariantCulture, $"{100 * p.Value:0.0} % ({100 * p.Low:0.0} to {100 * p.High:0.0})");

    private static JsonObject Facts(Proportion p) => new() { ["accuracy"] = p.Value, ["low"] = p.Low, ["high"] = p.High, ["right"] = p.Hits, ["of"] = p.Count };
}
