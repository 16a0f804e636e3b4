using System.CommandLine;
using DataSsl.Cli.Launch;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Survey;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl survey</c>: many networks over many scenarios.</summary>
internal static class SurveyVerb
{
    public const string Name = "survey";

    public static Command Create(SpaceCatalogue spaces)
    {
        var o = new SurveyVerbOptions();
        var command = new Command(
            Name,
            "Train many networks alike without labels, measure each over many labelled sets, and tell whether one is the best of all "
                + "(arXiv 2203.08130).");
        foreach (var option in o.All) command.Add(option);
        command.SetAction(parsed =>
        {
            using var processes = TrainProcesses.Join();
            Options.SetThreads(parsed, o.Train.Threads);
            using var interrupt = new Interrupt();
            // A signal to one process stops all.
            using var told = interrupt.Token.Register(() => processes?.AskToStop());
            var stop = processes?.Stopping ?? interrupt.Token;
            try
            {
                SurveyJob.Run(spaces, o, parsed, processes, stop);
                processes?.Leave();
                return 0;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                Notices.Tell(
                    $"{Interrupt.Word}what was done is kept; continue with: {NextCommand.Again(Name, [.. Options.Given(parsed, o.All.Except([o.Resume])), o.Resume.Name])}");
                processes?.Leave();
                return interrupt.ExitCode == 0 ? 143 : interrupt.ExitCode;
            }
        });
        return command;
    }
}
