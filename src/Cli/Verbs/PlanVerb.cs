using System.CommandLine;
using System.Diagnostics;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Training;
using DataSsl.Jobs.Shared;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl plan</c>: what a training run will take, before it is begun.</summary>
internal static class PlanVerb
{
    public const string Name = "plan";

    /// <summary>The verb, which by itself plans a training, with a sub-verb for each long work.</summary>
    public static Command Create(SpaceCatalogue spaces)
    {
        var command = OfTraining(Name, spaces);
        command.Add(OfTraining(TrainVerb.Name, spaces));
        command.Add(PlanSearchVerb.Create(spaces));
        command.Add(PlanVerdictVerb.Create(spaces));
        command.Add(PlanSurveyVerb.Create(spaces));
        return command;
    }

    private static Command OfTraining(string name, SpaceCatalogue spaces)
    {
        var o = new TrainVerbOptions();
        var probe = NumberOption.Of("--probe", Options.Seconds, 30, "Seconds to train for as a trial, in a temporary folder.", "SECONDS");
        var @out = new Option<string>("--out")
        {
            Description = "Folder of the run to come: the plan is kept there, and 'datassl train' compares it with the fact.",
            HelpName = "FOLDER",
        };
        var command = new Command(
            name, "Tell the hours, memory and disk that 'datassl train' with the same options will take on this machine.");
        foreach (var option in o.Deciding) command.Add(option);
        foreach (var option in new Option[] { o.SaveEvery, o.Keep, probe, @out, o.Device, o.Threads, o.Json }) command.Add(option);
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, o.Threads);
            var device = Options.FindDevice(parsed.GetValue(o.Device)!);
            var seconds = parsed.GetValue(probe);
            var saveEvery = parsed.GetValue(o.SaveEvery);
            var keep = parsed.GetValue(o.Keep);
            var loading = Stopwatch.StartNew();
            var (space, options, images, from, teacher) = o.Fresh(spaces, parsed, device, parsed.GetValue(@out));
            using var given = from?.Given;
            var decoded = loading.Elapsed.TotalSeconds;
            var plan = new TrainTrial(space, options, images, from, teacher, device).Plan(seconds, decoded, saveEvery, keep);
            if (parsed.GetValue(@out) is { } folder) plan.Write(folder);
            if (parsed.GetValue(o.Json)) Console.Out.WriteLine(plan.ToJson());
            else plan.Print(options);
            return 0;
        });
        return command;
    }
}
