using System.CommandLine;
using DataSsl.Cli.Searching;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl plan search</c>: what each way of searching would take, before one is begun.</summary>
internal static class PlanSearchVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var o = new SearchVerbOptions();
        var probe = NumberOption.Of("--probe", Options.Positive, 10, "Seconds to walk for as a trial.", "SECONDS");
        var within = NumberOption.Of("--within", Options.Positive, 1, "Hours that the search may take.", "HOURS");
        var json = Options.Json();
        var command = new Command(
            "search",
            "Tell the time and memory of each strategy on this machine - ranking all candidates, breeding some, drawing some - and pick.");
        foreach (var option in o.All.Except([o.Out, o.CompareDomain, o.Resume, o.Strategy, o.Candidates])) command.Add(option);
        foreach (var option in new Option[] { probe, within, json }) command.Add(option);
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, o.Threads);
            var request = o.Read(parsed, folder: "");
            var seconds = parsed.GetValue(probe);
            var limit = parsed.GetValue(within) * 3600;
            var offer = new SearchPlanJob(spaces, request, Options.FindDevice(parsed.GetValue(o.Device)!)).Run(seconds, limit);
            if (parsed.GetValue(json)) Output.Json(offer.Json());
            else SearchPlanTable.Print(offer);
            return 0;
        });
        return command;
    }
}
