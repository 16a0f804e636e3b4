using System.CommandLine;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Study;
using DataSsl.Cli.Terminal;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl study</c>: how well scores without labels foretell accuracy with them.</summary>
internal static class StudyVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var (o, command) = (new StudyVerbOptions(), new Command(
            "study", "Score subnets of the space without labels, measure each with labels, and tell how well the one foretells the other."));
        foreach (var option in o.All) command.Add(option);
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, o.Search.Threads);
            var request = o.Read(parsed);
            using var interrupt = new Interrupt();
            try
            {
                var (result, facts) = new SubnetStudy(spaces, request, Options.FindDevice(parsed.GetValue(o.Search.Device)!))
                    .Run(interrupt.Token);
                if (parsed.GetValue(o.Json)) Output.Json(facts);
                else StudyTable.Print(result, request.Method.Name, request.Search.Folder);
                return 0;
            }
            catch (OperationCanceledException) when (interrupt.ExitCode != 0)
            {
                Output.Progress(
                    $"{Interrupt.Word}what was done is kept; continue with: {NextCommand.Of("study", [.. request.Words(request.Search.Size), "--resume", .. NextCommand.Given(parsed, o.Search.Memory, o.Search.Device, o.Search.Threads)])}");
                return interrupt.ExitCode;
            }
        });
        return command;
    }
}
