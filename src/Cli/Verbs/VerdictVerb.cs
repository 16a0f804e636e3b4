using System.CommandLine;
using System.Text.Json.Nodes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Cli.Verdict;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Verdict;
using DataSsl.Search.Results;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl verdict</c>: whether a winner is worth having.</summary>
internal static class VerdictVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var o = new VerdictVerbOptions();
        var command = new Command(
            "verdict",
            "Tell whether the winner is worth having: beside random weights, weights off the shelf and a handcrafted network, on your "
                + "labels, in one table and one sentence.");
        foreach (var option in new[] { o.Deciding, [o.Out, o.Resume, o.Device, o.Threads, o.Json] }.SelectMany(option => option))
            command.Add(option);
        command.SetAction(parsed =>
        {
            var device = o.Find(parsed);
            var request = o.Read(parsed, parsed.Required(o.Out), parsed.GetValue(o.Resume));
            using var interrupt = new Interrupt();
            try
            {
                var verdict = new VerdictRun(spaces, request, device).Run(interrupt.Token);
                if (parsed.GetValue(o.Json)) Output.Json((JsonObject)JsonNode.Parse(VerdictReportJson.Serialize(verdict))!);
                else VerdictTable.Print(verdict, Path.Combine(request.Folder, VerdictRun.PageFile));
                return 0;
            }
            catch (OperationCanceledException) when (interrupt.ExitCode != 0)
            {
                Notices.Tell(
                    $"{Interrupt.Word}what was done is kept; continue with: {NextCommand.Of("verdict", [.. request.Words(), "--resume", .. Options.Given(parsed, o.Device, o.Threads)])}");
                return interrupt.ExitCode;
            }
        });
        return command;
    }
}
