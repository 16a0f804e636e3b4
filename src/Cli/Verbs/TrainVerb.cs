using System.CommandLine;
using DataSsl.Cli.Launch;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Training;
using DataSsl.Jobs.Shared;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl train</c>: a supernet, or a single network, without labels.</summary>
internal static class TrainVerb
{
    public const string Name = "train";

    public static Command Create(SpaceCatalogue spaces)
    {
        var o = new TrainVerbOptions();
        var command = new Command(Name, "Train a supernet (by DATA) or a single network without labels on a folder of images.");
        foreach (var option in o.All) command.Add(option);
        command.SetAction(parsed =>
        {
            using var processes = TrainProcesses.Join();
            Options.SetThreads(parsed, o.Threads);
            return new TrainJob(spaces, o, parsed, TrainProcesses.FindDevice(parsed.GetValue(o.Device)!, processes), processes).Run();
        });
        return command;
    }
}
