using System.CommandLine;
using System.Text.Json.Nodes;
using DataSsl.Cli.Launch;
using DataSsl.Cli.Searching;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl search</c>: rank subnets by their distance to the largest one on the user's images.</summary>
internal static class SearchVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var o = new SearchVerbOptions();
        var json = Options.Json();
        var command = new Command(
            "search", "Rank the subnets within budgets, for tasks, by their likeness to the largest network on your images.");
        foreach (var option in o.All) command.Add(option);
        command.Add(json);
        command.SetAction(parsed =>
        {
            using var processes = TrainProcesses.Join();
            Options.SetThreads(parsed, o.Threads);
            var request = o.Read(parsed);
            var device = TrainProcesses.FindDevice(parsed.GetValue(o.Device)!, processes);
            using var interrupt = new Interrupt();
            // A signal to one process stops all.
            using var told = interrupt.Token.Register(() => processes?.AskToStop());
            var stop = processes?.Stopping ?? interrupt.Token;
            try
            {
                // A process after the first has nothing to show.
                var result = new SearchJob(spaces, request, device, processes).Run(stop);
                if (result is not null && parsed.GetValue(json))
                    Output.Json((JsonObject)JsonNode.Parse(SearchResultJson.Serialize(result))!);
                else if (result is not null) SearchTable.Print(result, request);
                processes?.Leave();
                return 0;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                Notices.Tell(
                    $"{Interrupt.Word}what was scored is kept; continue with: {NextCommand.Again("search", [.. request.Words(request.Size), "--resume", .. Options.Given(parsed, o.Memory, o.Device, o.Threads)])}");
                processes?.Leave();
                return interrupt.ExitCode == 0 ? 143 : interrupt.ExitCode;
            }
        });
        return command;
    }
}
