using System.CommandLine;
using DataSsl.Cli.Terminal;
using DataSsl.Cli.Verdict;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Verdict;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl plan verdict</c>: what a verdict would take, before it is begun.</summary>
internal static class PlanVerdictVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var o = new VerdictVerbOptions();
        var command = new Command(
            "verdict",
            "Tell the time, memory and disk that 'datassl verdict' with the same options will take on this machine: each network is tried "
                + "for a moment.");
        foreach (var option in o.Deciding) command.Add(option);
        foreach (var option in new Option[] { o.Device, o.Threads, o.Json }) command.Add(option);
        command.SetAction(parsed =>
        {
            var device = o.Find(parsed);
            var plan = new VerdictRun(spaces, o.Read(parsed, folder: ""), device).Plan();
            if (parsed.GetValue(o.Json))
            {
                Output.Json(
                    new()
                    {
                        ["figures"] = plan.Figures,
                        ["seconds"] = plan.Seconds,
                        ["peakBytes"] = plan.PeakBytes,
                        ["diskBytes"] = plan.DiskBytes,
                    });
                return 0;
            }
            Output.Line($"  work    {plan.Figures:N0} figures");
            Output.Line($"  time    {Wording.Short(TimeSpan.FromSeconds(plan.Seconds))}");
            Output.Line($"  memory  {plan.PeakBytes / 1048576.0:N0} MiB");
            Output.Line($"  disk    {plan.DiskBytes / 1048576.0:0.0} MiB");
            return 0;
        });
        return command;
    }
}
