using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;

namespace DataSsl.Cli.Searching;

/// <summary>What a plan of a search prints.</summary>
internal static class SearchPlanTable
{
    public static void Print(SearchOffer offer)
    {
        Output.Line($"{"",-26}{"candidates",12}{"GMACs an image",16}{"one by one",14}{"time",10}");
        foreach (var p in offer.Plans)
            Output.Line(
                $"{offer.Name(p),-26}{p.Candidates,12:N0}{p.MacsPerImage / 1e9,16:N1}{p.OneByOneMacsPerImage / 1e9,14:N1}{Wording.Short(TimeSpan.FromSeconds(p.Seconds)),10}{(p == offer.Picked ? "  <- picked" : "")}");
        Output.Line($"memory: about {offer.Bytes / 1048576.0:N0} MiB");
        var picked = offer.Request with { Kind = offer.Picked.Strategy, PerBudget = offer.Picked.PerBudget ?? 0, Folder = "FOLDER" };
        Output.Line($"next:   {picked.CommandLine(offer.Request.Size)}");
    }
}
