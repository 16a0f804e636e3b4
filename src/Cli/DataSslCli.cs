using System.CommandLine;
using DataSsl.Cli.Verbs;
using DataSsl.Runtime;

namespace DataSsl.Cli;

/// <summary>The command line over a set of compiled spaces. A project with spaces of its own calls it with its <c>CompiledSpaces.All</c>.</summary>
public static class DataSslCli
{
    /// <summary>Runs one command and returns the exit code: 0 for success, 2 for a mistake of the user's, 1 for a failure, 130 or 143 after an interrupt.</summary>
    public static int Run(string[] args, IReadOnlyList<SearchSpace> spaces)
    {
        var catalogue = new SpaceCatalogue(spaces);
        var root = new RootCommand("From a folder of unlabelled images and a budget to the network that fits: train a weight-sharing supernet without labels, "
            + "rank its subnets, and keep the winners as plain C# classes.")
        {
            DoctorVerb.Create(), SpaceVerb.Create(catalogue), CostVerb.Create(catalogue), TrainVerb.Create(catalogue),
            SearchVerb.Create(catalogue), EmitVerb.Create(catalogue), DemoVerb.Create(catalogue),
        };
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            // Some of the parser's messages are lists over several lines.
            var message = string.Join(' ', parsed.Errors[0].Message.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
            Console.Error.WriteLine($"datassl: {message} See 'datassl {VerbOf(parsed)}--help'.");
            return 2;
        }
        return Guard(() => parsed.Invoke(new() { EnableDefaultExceptionHandler = false }));
    }

    private static string VerbOf(ParseResult parsed) => parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ";

    /// <summary>Turns what went wrong into one line and an exit code.</summary>
    private static int Guard(Func<int> run)
    {
        try
        {
            return run();
        }
        catch (UserException e)
        {
            Console.Error.WriteLine($"datassl: {e.Message}");
            return 2;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or System.Runtime.InteropServices.ExternalException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"datassl: {e.Message}");
            return 1;
        }
    }
}
