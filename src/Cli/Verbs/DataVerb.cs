using System.CommandLine;
using DataSsl.Cli.DataChecks;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;

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
            if (folder is not null) job = job with { MakeRoom = () => Output.Folder(folder) };
            using var interrupt = new Interrupt();
            try
            {
                var result = job.Run(interrupt.Token);
                if (isJson) Output.Json(result.Json());
                else DataCheckFiles.Print(result);
                if (folder is not null) DataCheckFiles.Write(result, folder, isQuiet: isJson);
                return 0;
            }
            catch (OperationCanceledException)
            {
                Output.Progress($"{Interrupt.Word}nothing was written");
                return interrupt.ExitCode;
            }
        });
        return command;
    }
}
