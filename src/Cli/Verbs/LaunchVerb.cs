using System.CommandLine;
using DataSsl.Runtime;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl launch</c>: one training or search in several processes of this machine.</summary>
internal static class LaunchVerb
{
    public static Command Create()
    {
        var count = new Option<int>("--nproc") { Description = "Processes: one a CUDA device, or one a socket of the CPU.", DefaultValueFactory = _ => 2, HelpName = "N" };
        var port = new Option<int?>("--port") { Description = "TCP port of this machine where they meet. Default: a free one.", HelpName = "PORT" };
        var rest = new Argument<string[]>("COMMAND") { Description = "-- train or search and its options." };
        var command = new Command("launch", "Train or search in several processes on this machine: the batch, or the space, is dealt to them. Ends all when one fails, with its exit code.") { count, port, rest };
        command.SetAction(parsed =>
        {
            var arguments = parsed.GetValue(rest)!;
            if (arguments is not ["train" or "search", ..]) throw new UserException($"launch starts 'train' or 'search': datassl launch --nproc 2 -- train …");
            var asked = parsed.GetValue(port);
            if (asked is < 1 or > 65535) throw new UserException($"--port {asked}: give a number from 1 to 65535");
            using var launcher = new Launcher(arguments, Options.Positive("--nproc", parsed.GetValue(count)), asked ?? Launcher.FreePort());
            return launcher.Wait();
        });
        return command;
    }
}
