using System.CommandLine;
using System.Text.Json.Nodes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Survey;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl plan survey</c>: what a survey would take, before it is begun.</summary>
internal static class PlanSurveyVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var o = new SurveyVerbOptions();
        var probe = NumberOption.Of(
            "--probe", Options.Seconds, 30, "Seconds to train for as a trial, over all networks that are tried.", "SECONDS");
        var command = new Command(
            SurveyVerb.Name,
            "Tell the time, memory and disk that 'datassl survey' with the same options will take on this machine: a few networks of each "
                + "space are tried for a moment.");
        foreach (var option in o.Deciding) command.Add(option);
        foreach (var option in new Option[] { o.KeepRuns, probe, o.Train.Device, o.Train.Threads, o.Train.Json }) command.Add(option);
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, o.Train.Threads);
            var plan = SurveyJob.Plan(spaces, o, parsed, parsed.GetValue(probe));
            if (parsed.GetValue(o.Train.Json)) Output.Json(Json(plan));
            else Print(plan);
            return 0;
        });
        return command;
    }

    private static JsonObject Json(SurveyPlan plan) => new()
    {
        ["networks"] = plan.Networks,
        ["tried"] = plan.Tried,
        ["figures"] = plan.Figures,
        ["trainingSeconds"] = plan.TrainingSeconds,
        ["measuringSeconds"] = plan.MeasuringSeconds,
        ["seconds"] = plan.Seconds,
        ["peakBytes"] = plan.PeakBytes,
        ["diskBytes"] = plan.DiskBytes,
    };

    private static void Print(SurveyPlan plan)
    {
        Output.Line($"  work    {Wording.Count(plan.Networks, "network")}, {Wording.Count(plan.Figures, "figure")}; {plan.Tried:N0} tried");
        Output.Line(
            $"  time    {Wording.Short(TimeSpan.FromSeconds(plan.Seconds))} in one process: {Wording.Short(TimeSpan.FromSeconds(plan.TrainingSeconds))} of training, {Wording.Short(TimeSpan.FromSeconds(plan.MeasuringSeconds))} of measuring");
        Output.Line($"  memory  {plan.PeakBytes / 1048576.0:N0} MiB");
        Output.Line($"  disk    {plan.DiskBytes / 1048576.0:0.0} MiB");
    }
}
