using System.CommandLine;
using DataSsl.Cli.DataChecks;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Runtime;
using DataSsl.Runtime.Curation;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl data check</c>: what is wrong with a set of images, before anything is trained on it.</summary>
internal static class DataVerb
{
    public static Command Create() => new("data", "Look at a set of images before anything is trained on it.") { Check() };

    private static Command Check()
    {
        var (data, test, keep) = (Options.Data(), DataCheckJob.TestOption(), DataCheckJob.KeepOption());
        var (@out, json, threads) = (Options.Out(), Options.Json(), Options.Threads());
        var minSide = NumberOption.Of(
            "--min-side", new Bounds<int>(1, 65_536), DataCheck.DefaultMinSide,
            "Pixels of the short side below which an image is tiny.");
        var command = new Command(
            "check",
            "Find copies (stored again, mirrored, cut), also between --data and --test, and images that are empty, dark, bright, tiny, "
                + "stretched or unreadable; write pictures of them and a list without them.")
        {
            data, test, minSide, keep, @out, threads, json,
        };
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, threads);
            var job = new DataCheckJob(
                parsed.Required(data), parsed.GetValue(test), parsed.GetValue(minSide), DataCheckFiles.Words(parsed.GetValue(keep)));
            var folder = parsed.GetValue(@out) is { } given ? Output.Folder(given) : null;
            using var interrupt = new Interrupt();
            try
            {
                var result = job.Run(interrupt.Token);
                if (parsed.GetValue(json)) Output.Json(result.Json());
                else DataCheckFiles.Print(result);
                if (folder is not null) DataCheckFiles.Write(result, folder, isQuiet: parsed.GetValue(json));
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
