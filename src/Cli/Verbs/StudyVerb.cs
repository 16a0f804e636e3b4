using System.CommandLine;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Study;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Study;

namespace DataSsl.Cli.Verbs;

/// <summary>
/// <c>datassl study</c>: how well scores without labels foretell accuracy with them, and by its sub-verbs AP and mIoU.
/// </summary>
internal static class StudyVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var study = Verb(spaces, StudyVerbOptions.Accuracy);
        foreach (var dense in StudyVerbOptions.Dense) study.Add(Verb(spaces, dense));
        return study;
    }

    private static Command Verb(SpaceCatalogue spaces, StudyVerbOptions o)
    {
        var command = new Command(o.Verb.Name, o.Verb.Description);
        foreach (var option in o.All) command.Add(option);
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, o.Search.Threads);
            var request = o.Read(spaces, parsed);
            using var interrupt = new Interrupt();
            try
            {
                var (result, facts) = new StudyJob(spaces, request, Options.FindDevice(parsed.GetValue(o.Search.Device)!))
                    .Run(interrupt.Token);
                if (parsed.GetValue(o.Json)) Output.Json(facts);
                else StudyTable.Print(result, request.Search.Folder);
                return 0;
            }
            catch (OperationCanceledException) when (interrupt.ExitCode != 0)
            {
                Notices.Tell(
                    $"{Interrupt.Word}what was done is kept; continue with: {NextCommand.Of(request.Measure.Verb, [.. request.Words(request.Search.Size), "--resume", .. Options.Given(parsed, o.Search.Memory, o.Search.Device, o.Search.Threads)])}");
                return interrupt.ExitCode;
            }
        });
        return command;
    }
}
