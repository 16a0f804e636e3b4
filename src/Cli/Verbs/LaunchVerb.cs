using System.CommandLine;
using DataSsl.Cli.Launch;
using DataSsl.Cli.Shared;
using DataSsl.Runtime;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl launch</c>: one training, search or survey in several processes of this machine.</summary>
internal static class LaunchVerb
{
    public static Command Create()
    {
        var count = NumberOption.Of("--nproc", new Bounds<int>(1, 1024), 2, "Processes: one a CUDA device, or one a socket of the CPU.");
        var rest = new Argument<string[]>("COMMAND") { Description = "-- train, search or survey and its options." };
        var command = new Command(
            "launch",
            "Train, search or survey in several processes on this machine: the batch, the space, or the networks are dealt to them. Open MPI's mpirun starts "
                + "them; when one fails all end, with its exit code.")
            {
                count,
                rest,
            };
        command.SetAction(parsed =>
        {
            var arguments = parsed.GetValue(rest)!;
            if (arguments is not ["train" or "search" or "survey", ..])
                throw new UserException($"launch starts 'train', 'search' or 'survey': datassl launch --nproc 2 -- train …");
            return new Launcher().Run(arguments, parsed.GetValue(count));
        });
        return command;
    }
}
