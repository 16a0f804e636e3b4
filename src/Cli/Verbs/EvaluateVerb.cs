using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Cli.Evaluation;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Storage;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl evaluate</c>: how well labelled images are told apart with a network's features.</summary>
internal static class EvaluateVerb
{
    public const string RecordFile = "evaluations.jsonl";

    public static Command Create(SpaceCatalogue spaces)
    {
        var command = new Command("evaluate", "Measure on labelled images what a network's features are worth, with a 95 % confidence interval.");
        foreach (var method in MethodOptions.All) command.Add(Method(spaces, method));
        return command;
    }

    /// <summary>As text, with its interval.</summary>
    public static string Text(Proportion p) => string.Create(CultureInfo.InvariantCulture, $"{100 * p.Value:0.0} % ({100 * p.Low:0.0} to {100 * p.High:0.0})");

    /// <summary>As JSON, with its interval.</summary>
    public static JsonObject Facts(Proportion p) => new() { ["accuracy"] = p.Value, ["low"] = p.Low, ["high"] = p.High, ["right"] = p.Hits, ["of"] = p.Count };

    private static Command Method(SpaceCatalogue spaces, MethodOptions method)
    {
        var o = new EvaluateVerbOptions();
        var command = new Command(method.Name, method.Description);
        foreach (var option in o.Asking.Concat(method.Own).Concat(o.Running)) command.Add(option);
        command.SetAction(parsed => Run(spaces, o, parsed, method.Read(parsed)));
        return command;
    }

    private static int Run(SpaceCatalogue spaces, EvaluateVerbOptions o, ParseResult parsed, EvaluationMethod method)
    {
        Options.SetThreads(parsed, o.Threads);
        var device = Options.FindDevice(parsed.GetValue(o.Device)!);
        var (share, seed, calibration) = (EvaluateVerbOptions.Share(parsed.GetValue(o.Labels)!), parsed.GetValue(o.Seed), parsed.GetValue(o.Calibration));
        var dataPath = parsed.Required(o.Data);
        var source = o.Network(spaces, parsed, device);
        var data = LabelledData.Load(dataPath, parsed.GetValue(o.Test), source.Size, seed);
        var folder = (parsed.GetValue(o.Out) ?? source.Folder) is { } given ? Output.Folder(given) : null;
        if (folder is not null) RegularFile.MustBe(Path.Combine(folder, RecordFile));
        var labelled = data.Train.At(LabelShare.Balanced(data.Train.Labels, share, seed));
        var watch = Stopwatch.StartNew();
        using var scope = NewDisposeScope();
        using var network = source.Build(new(data.Train.Store, source.Size, device, data.Train.Indices), calibration, device);
        var norm = source.BatchNorm(network, data.Train.Count, calibration);
        var (accuracy, _, options) = method.Run(new(network, labelled, data.Test, data.Classes, source.Size, seed, calibration, device));
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
        // Printed first: what was measured is told even where the disk has no room for it, and recorded even where nobody can be told.
        try
        {
            if (parsed.GetValue(o.Json)) Output.Json(record);
            else
            {
                Output.Line($"{method.Name} accuracy of {source.Title}: {Text(accuracy.Top1)}{(accuracy.Top5 is { } five ? $"; top-5 {Text(five)}" : "")}");
                Output.Line($"  {labelled.Count:N0} labelled of {Output.Count(data.Train.Count, "training image")}, {Output.Count(data.Test.Count, "test image")} ({data.Split}), {data.Classes} classes, {source.Size} px; BatchNorm: {norm}");
            }
        }
        finally
        {
            if (folder is not null) JsonLines.Append(Path.Combine(folder, RecordFile), record);
        }
        if (folder is not null && !parsed.GetValue(o.Json)) Output.Line($"  recorded in {Path.Combine(folder, RecordFile)}");
        return 0;
    }
}
