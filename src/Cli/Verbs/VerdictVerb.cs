using System.CommandLine;
using System.Text.Json.Nodes;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Verdict;
using DataSsl.Runtime;
using DataSsl.Search.Results;
using DataSsl.Search.Start;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl verdict</c>: whether a winner is worth having.</summary>
internal static class VerdictVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var winner = new Option<string>("--winner") { Description = "The winner: a run's folder or checkpoint (with --arch, unless the search beside it has one winner or the run is of one network), an emitted class's .cs file, or a folder with one.", HelpName = "RUN" };
        var architecture = Options.Architecture();
        var weights = new Option<string>("--weights") { Description = $"Weights off the shelf, to be set against: anything that 'train --from' takes, or {ImageNetResNet18.Name}.", DefaultValueFactory = _ => ImageNetResNet18.Name, HelpName = "WEIGHTS" };
        var weightsSpace = new Option<string?>("--weights-space") { Description = $"The space that those weights are read in. Default: AroundResNet18 for {ImageNetResNet18.Name}, otherwise the winner's.", HelpName = "NAME" };
        var weightsSize = NumberOption.Maybe("--weights-size", Runtime.Training.TrainBounds.Side, "Side of the square input of those weights in pixels. Default: the winner's.", "PIXELS");
        var handcrafted = new Option<string?>("--handcrafted") { Description = "A run of the handcrafted network nearest in cost, or a supernet and its network, RUN:ARCH. Default: none; what is printed tells how to train one.", HelpName = "RUN[:ARCH]" };
        var o = new EvaluateVerbOptions();
        var methods = MethodOptions.All;
        var chosen = new Option<string>("--methods") { Description = $"Figures to measure, comma-separated, as by evaluate: {string.Join(", ", methods.Select(m => m.Name))}.", DefaultValueFactory = _ => string.Join(',', methods.Select(m => m.Name)), HelpName = "LIST" };
        var shares = new Option<string>("--shares") { Description = "Shares of the labels to fine-tune with, comma-separated; the other methods take the largest.", DefaultValueFactory = _ => "1%,10%,100%", HelpName = "LIST" };
        var seeds = NumberOption.Of("--seeds", new Bounds<int>(1, 1000), 3, "Trainings of each figure, from --seed on: draws of the labels, orders, random weights. One says nothing of another training.");
        var by = new Option<string?>("--by") { Description = "The one figure that decides, such as knn, linear or finetune@10%. Default: the last of the table, fine-tuning with the largest share.", HelpName = "FIGURE" };
        var @out = new Option<string>("--out") { Description = "Folder for verdict.json, verdict.html and what was measured; made if missing. That of a search: its report gets the verdict too.", HelpName = "FOLDER" };
        var resume = new Option<bool>("--resume") { Description = "Go on with the verdict that was begun in the folder of --out, also with more seeds, shares or networks." };
        var command = new Command("verdict", "Tell whether the winner is worth having: beside random weights, weights off the shelf and a handcrafted network, on your labels, in one table and one sentence.");
        Option[] asking = [winner, architecture, weights, weightsSpace, weightsSize, handcrafted, o.Data, o.Test, @out, chosen, shares, seeds, by];
        foreach (var option in asking.Concat(methods.SelectMany(m => m.Own)).Concat([o.Calibration, o.Size, resume, o.Seed, o.Device, o.Threads, o.Json])) command.Add(option);
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, o.Threads);
            var device = Options.FindDevice(parsed.GetValue(o.Device)!);
            var measured = Chosen(parsed, methods, SearchVerbOptions.List(chosen, parsed.GetValue(chosen)!, word => word));
            var request = new VerdictRequest(
                parsed.Required(winner), parsed.GetValue(architecture), parsed.GetValue(weights)!, parsed.GetValue(weightsSpace), parsed.GetValue(weightsSize), parsed.GetValue(handcrafted),
                parsed.Required(o.Data), parsed.GetValue(o.Test), [.. measured.Select(m => m.Read(parsed))],
                [.. SearchVerbOptions.List(shares, parsed.GetValue(shares)!, text => EvaluateVerbOptions.Share(text, shares.Name)).Order()],
                parsed.GetValue(seeds), parsed.GetValue(by), parsed.GetValue(o.Calibration), parsed.GetValue(o.Size), parsed.Required(@out), parsed.GetValue(resume), parsed.GetValue(o.Seed),
                [.. NextCommand.Given(parsed, measured.SelectMany(m => m.Own))]);
            using var interrupt = new Interrupt();
            try
            {
                var verdict = new VerdictRun(spaces, request, device).Run(interrupt.Token);
                if (parsed.GetValue(o.Json)) Output.Json((JsonObject)JsonNode.Parse(VerdictReportJson.Serialize(verdict))!);
                else VerdictTable.Print(verdict, Path.Combine(request.Folder, VerdictRun.PageFile));
                return 0;
            }
            catch (OperationCanceledException) when (interrupt.ExitCode != 0)
            {
                Output.Progress($"{Interrupt.Word}what was done is kept; continue with: {NextCommand.Of("verdict", [.. request.Words(), "--resume", .. NextCommand.Given(parsed, o.Device, o.Threads)])}");
                return interrupt.ExitCode;
            }
        });
        return command;
    }

    /// <summary>The methods in the table's order.</summary>
    private static List<MethodOptions> Chosen(ParseResult parsed, IReadOnlyList<MethodOptions> methods, List<string> names)
    {
        if (names.FirstOrDefault(name => methods.All(m => m.Name != name)) is { } unknown) throw new UserException($"--methods {unknown}: give of {string.Join(", ", methods.Select(m => m.Name))}");
        foreach (var other in methods.Where(m => !names.Contains(m.Name)))
            if (other.Own.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } stray) throw new UserException($"{stray.Name} goes with --methods {other.Name}");
        return [.. methods.Where(m => names.Contains(m.Name))];
    }
}
