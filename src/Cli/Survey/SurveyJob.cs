using System.CommandLine;
using System.Text.Json.Nodes;
using DataSsl.Cli.Launch;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Search.Results;
using DataSsl.Torch.Distributed;

namespace DataSsl.Cli.Survey;

/// <summary>A survey from its command line to what it prints; in a process after the first its part of it.</summary>
internal static class SurveyJob
{
    /// <summary>Runs it.</summary>
    /// <param name="processes">Those that share it; null for this one alone.</param>
    /// <exception cref="OperationCanceledException">Stopped; what was done is in the folder.</exception>
    public static void Run(
        SpaceCatalogue spaces, SurveyVerbOptions o, ParseResult parsed, ProcessGroup? processes, CancellationToken stop)
    {
        var request = o.Read(parsed, parsed.Required(o.Out), parsed.GetValue(o.Resume));
        var device = TrainProcesses.FindDevice(parsed.GetValue(o.Train.Device)!, processes);
        var training = o.Training(parsed, device);
        using var run = new SurveyRun(spaces, request, training, device, processes);
        // A process after the first has nothing to show.
        if (run.Run(stop) is not { } outcome) return;
        var report = SurveyResult.Write(outcome, request, training, device);
        if (parsed.GetValue(o.Train.Json)) Output.Json((JsonObject)JsonNode.Parse(SurveyReportJson.Serialize(report))!);
        else SurveyTable.Print(report, request.Folder);
    }

    /// <summary>The plan of one.</summary>
    /// <param name="seconds">To train for as a trial.</param>
    public static SurveyPlan Plan(SpaceCatalogue spaces, SurveyVerbOptions o, ParseResult parsed, double seconds)
    {
        var device = Options.FindDevice(parsed.GetValue(o.Train.Device)!);
        var (request, training) = (o.Read(parsed, folder: ""), o.Training(parsed, device));
        using var run = new SurveyRun(spaces, request, training, device, processes: null);
        return new SurveyPlanner(request, training, run, device).Run(seconds);
    }
}
