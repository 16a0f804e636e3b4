using System.CommandLine;
using DataSsl.Cli.DenseTasks;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Dense.Training;
using DataSsl.Jobs.DenseTasks;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Storage;

namespace DataSsl.Cli.Verbs;

/// <summary>
/// <c>datassl evaluate detect</c>, <c>instances</c> and <c>segment</c>: how well a network finds objects, or tells pixels.
/// </summary>
internal static class EvaluateDenseVerb
{
    public static Command Create(SpaceCatalogue spaces, DenseTask task)
    {
        var o = new DenseVerbOptions(task);
        var command = new Command(DenseResult.Word(task), o.Description);
        foreach (var option in o.All) command.Add(option);
        command.SetAction(parsed => Run(spaces, o, parsed, task));
        return command;
    }

    private static int Run(SpaceCatalogue spaces, DenseVerbOptions o, ParseResult parsed, DenseTask task)
    {
        Options.SetThreads(parsed, o.Shared.Threads);
        var (request, json) = (o.Read(spaces, parsed), parsed.GetValue(o.Shared.Json));
        var folder = parsed.GetValue(o.Shared.Out) ?? request.Source.Folder;
        var file = folder is null ? null : Path.Combine(folder, EvaluationJob.RecordFile);
        using var interrupt = new Interrupt();
        try
        {
            var result = new DenseJob(request, folder).Run(parsed.GetValue(o.Resume), interrupt.Token);
            // Printed first: what was measured is told even where the disk has no room for it, and recorded even where nobody can be told.
            try
            {
                if (json) Output.Json(result.Record);
                else DenseTable.Print(result);
            }
            finally
            {
                if (file is not null) JsonLines.Append(file, result.Record);
            }
            if (file is not null && !json) Output.Line($"  recorded in {file}");
            return 0;
        }
        catch (OperationCanceledException) when (interrupt.ExitCode != 0)
        {
            var verb = $"evaluate {DenseResult.Word(task)}";
            Notices.Tell(
                folder is null
                    ? (FormattableString)$"{Interrupt.Word}nothing is kept without --out"
                    : $"{Interrupt.Word}what was done is kept; continue with: {NextCommand.Of(verb, [.. Options.Given(parsed, o.All.Where(option => option != o.Resume)), "--resume"])}");
            return interrupt.ExitCode;
        }
    }
}
