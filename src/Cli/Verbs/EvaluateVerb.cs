using System.CommandLine;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Dense.Training;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Storage;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl evaluate</c>: how well labelled images are told apart with a network's features.</summary>
internal static class EvaluateVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        const string description = "Measure on labelled images what a network's features are worth, with a 95 % confidence interval.";
        var command = new Command("evaluate", description);
        foreach (var method in EvaluationOptions.All) command.Add(Method(spaces, method));
        foreach (var task in Enum.GetValues<DenseTask>()) command.Add(EvaluateDenseVerb.Create(spaces, task));
        return command;
    }

    private static Command Method(SpaceCatalogue spaces, EvaluationOptions method)
    {
        var o = new EvaluateVerbOptions();
        var command = new Command(method.Name, method.Description);
        IEnumerable<Option> ofHead = method.KeptLayers is { } kept ? [kept] : [];
        foreach (var option in o.Asking.Concat(method.Own).Concat(ofHead).Concat(o.Running)) command.Add(option);
        command.SetAction(parsed => Run(spaces, o, parsed, method.ReadWithHead(parsed)));
        return command;
    }

    private static int Run(SpaceCatalogue spaces, EvaluateVerbOptions o, ParseResult parsed, EvaluationMethod method)
    {
        Options.SetThreads(parsed, o.Threads);
        var device = Options.FindDevice(parsed.GetValue(o.Device)!);
        var (share, seed, path) = (EvaluateVerbOptions.Share(parsed.GetValue(o.Labels)!), parsed.GetValue(o.Seed), parsed.Required(o.Data));
        var source = o.Network(spaces, parsed, parsed.GetValue(o.Size), device, method.KeptLayers);
        if (method is FineTuneMethod) source.MustBeTrainable();
        var data = LabelledData.Load(path, parsed.GetValue(o.Test), seed, source.Pixels);
        var home = parsed.GetValue(o.Out) ?? source.Folder;
        var file = home is null ? null : Path.Combine(RunFolder.Make(home), EvaluationJob.RecordFile);
        if (file is not null) RegularFile.MustBe(file);
        EvaluationJob job = new(source, data, method, device) { Labels = share, Seed = seed, Calibration = parsed.GetValue(o.Calibration) };
        var evaluation = job.Run();
        // Printed first: what was measured is told even where the disk has no room for it, and recorded even where nobody can be told.
        try
        {
            if (parsed.GetValue(o.Json)) Output.Json(evaluation.Record);
            else EvaluationTable.Print(evaluation);
        }
        finally
        {
            if (file is not null) JsonLines.Append(file, evaluation.Record);
        }
        if (file is not null && !parsed.GetValue(o.Json)) Output.Line($"  recorded in {file}");
        return 0;
    }
}
