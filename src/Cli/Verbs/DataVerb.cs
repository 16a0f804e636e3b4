using System.CommandLine;
using DataSsl.Cli.DataChecks;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.DataChecks;
using DataSsl.Jobs.Shared;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl data check</c>: what is wrong with a set of images, before anything is trained on it.</summary>
internal static class DataVerb
{
    public static Command Create(SpaceCatalogue spaces) => new("data", "Look at a set of images before anything is trained on it.")
    {
        Check(spaces),
    };

    private static Command Check(SpaceCatalogue spaces)
    {
        var o = new DataCheckVerbOptions();
        var command = new Command(
            "check",
            "Find copies (stored again, mirrored, cut), also between --data and --test, and images that are empty, dark, bright, tiny, "
                + "stretched or unreadable; write pictures of them and a list without them. With a network more copies are found: cut "
                + "more, in other colours, stored badly.");
        foreach (var option in o.All) command.Add(option);
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, o.Threads);
            var (job, isJson, folder) = (o.Read(spaces, parsed), parsed.GetValue(o.Json), parsed.GetValue(o.Out));
            if (folder is not null) job = job with { MakeRoom = () => RunFolder.Make(folder) };
            using var interrupt = new Interrupt();
            try
            {
                var result = job.Run(interrupt.Token);
                if (isJson) Output.Json(result.Json());
                else DataCheckTable.Print(result);
                var files = folder is null ? null : DataCheckFiles.Write(result, folder);
                if (files is not null && !isJson) DataCheckTable.Print(files, result);
                return 0;
            }
            catch (OperationCanceledException)
            {
                Notices.Tell($"{Interrupt.Word}nothing was written");
                return interrupt.ExitCode;
            }
        });
        return command;
    }
}
