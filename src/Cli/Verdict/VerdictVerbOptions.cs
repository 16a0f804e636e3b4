using System.CommandLine;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Searching;
using DataSsl.Cli.Shared;
using DataSsl.Jobs.Verdict;
using DataSsl.Runtime;
using DataSsl.Search.Start;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verdict;

/// <summary>The options of <c>verdict</c>, and the request that they make.</summary>
internal sealed class VerdictVerbOptions
{
    private readonly Option<string> winner = new Option<string>("--winner")
    {
        Description = "The winner: a run's folder or checkpoint (with --arch, unless the search beside it has one winner or the run is of "
            + "one network), an emitted class's .cs file, or a folder with one.",
        HelpName = "RUN",
    };
    private readonly Option<string> architecture = Options.Architecture();
    private readonly Option<string> weights = new Option<string>("--weights")
    {
        Description = $"Weights off the shelf, to be set against: anything that 'train --from' takes, or {ImageNetResNet18.Name}.",
        DefaultValueFactory = _ => ImageNetResNet18.Name,
        HelpName = "WEIGHTS",
    };
    private readonly Option<string?> weightsSpace = new Option<string?>("--weights-space")
    {
        Description =
            $"The space that those weights are read in. Default: AroundResNet18 for {ImageNetResNet18.Name}, otherwise the winner's.",
        HelpName = "NAME",
    };
    private readonly Option<int?> weightsSize = NumberOption.Maybe(
        "--weights-size", Runtime.Training.TrainBounds.Side, "Side of the square input of those weights in pixels. Default: the winner's.",
        "PIXELS");
    private readonly Option<string?> handcrafted = new Option<string?>("--handcrafted")
    {
        Description = "A run of the handcrafted network nearest in cost, or a supernet and its network, RUN:ARCH. Default: none; what is "
            + "printed tells how to train one.",
        HelpName = "RUN[:ARCH]",
    };
    private readonly EvaluateVerbOptions o = new();
    private readonly IReadOnlyList<EvaluationOptions> methods = EvaluationOptions.All;
    private readonly Option<string> chosen;
    private readonly Option<string> shares = new Option<string>("--shares")
    {
        Description = "Shares of the labels to fine-tune with, comma-separated; the other methods take the largest.",
        DefaultValueFactory = _ => "1%,10%,100%",
        HelpName = "LIST",
    };
    private readonly Option<int> seeds = NumberOption.Of(
        "--seeds", new Bounds<int>(1, 1000), 3,
        "Trainings of each figure, from --seed on: draws of the labels, orders, random weights. One says nothing of another training.");
    private readonly Option<string?> by = new Option<string?>("--by")
    {
        Description = "The one figure that decides, such as knn, linear or finetune@10%. Default: the last of the table, fine-tuning with "
            + "the largest share.",
        HelpName = "FIGURE",
    };
    public readonly Option<string> Out = new Option<string>("--out")
    {
        Description = "Folder for verdict.json, verdict.html and what was measured; made if missing. That of a search: its report gets the "
            + "verdict too.",
        HelpName = "FOLDER",
    };
    public readonly Option<bool> Resume = new Option<bool>("--resume")
    {
        Description = "Go on with the verdict that was begun in the folder of --out, also with more seeds, shares or networks.",
    };

    public VerdictVerbOptions() =>
        chosen = new Option<string>("--methods")
        {
            Description = $"Figures to measure, comma-separated, as by evaluate: {string.Join(", ", methods.Select(m => m.Name))}.",
            DefaultValueFactory = _ => string.Join(',', methods.Select(m => m.Name)),
            HelpName = "LIST",
        };

    /// <summary>What decides the figures, in the order of the help.</summary>
    public IEnumerable<Option> Deciding =>
        [
            winner, architecture, weights, weightsSpace, weightsSize, handcrafted, o.Data, o.Test, chosen, shares, seeds, by,
            .. methods.SelectMany(m => m.Own), o.Calibration, o.Size, o.Seed,
        ];

    public Option<int?> Threads => o.Threads;

    public Option<string> Device => o.Device;

    public Option<bool> Json => o.Json;

    /// <summary>The device to measure on.</summary>
    public Device Find(ParseResult parsed)
    {
        Options.SetThreads(parsed, o.Threads);
        return Options.FindDevice(parsed.GetValue(o.Device)!);
    }

    /// <param name="folder">Where the results go.</param>
    public VerdictRequest Read(ParseResult parsed, string folder, bool resume = false)
    {
        var asked = EvaluationOptions.Chosen(parsed, SearchVerbOptions.List(chosen, parsed.GetValue(chosen)!, word => word), methods);
        // The table's order is its own.
        var measured = methods.Where(asked.Contains).ToList();
        return new(
            parsed.Required(winner), parsed.GetValue(architecture), parsed.GetValue(weights)!, parsed.GetValue(weightsSpace),
            parsed.GetValue(weightsSize), parsed.GetValue(handcrafted),
            parsed.Required(o.Data), parsed.GetValue(o.Test), [.. measured.Select(m => m.Read(parsed))],
            [.. SearchVerbOptions.List(shares, parsed.GetValue(shares)!, text => EvaluateVerbOptions.Share(text, shares.Name)).Order()],
            parsed.GetValue(seeds), parsed.GetValue(by), parsed.GetValue(o.Calibration), parsed.GetValue(o.Size), folder, resume,
            parsed.GetValue(o.Seed),
            [.. Options.Given(parsed, measured.SelectMany(m => m.Own))]);
    }
}
