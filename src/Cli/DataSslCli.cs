using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using DataSsl.Cli.Recipes;
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
            DoctorVerb.Create(), SpaceVerb.Create(catalogue), CostVerb.Create(catalogue), PlanVerb.Create(catalogue), TrainVerb.Create(catalogue), LaunchVerb.Create(),
            SearchVerb.Create(catalogue), ReportVerb.Create(catalogue), EmitVerb.Create(catalogue), EvaluateVerb.Create(catalogue), StudyVerb.Create(catalogue), DemoVerb.Create(catalogue), BenchVerb.Create(catalogue),
        };
        var files = Options.SpaceFiles();
        root.Options.Add(files);
        var megapixels = Options.MaxMegapixels();
        root.Options.Add(megapixels);
        ExampleHelp.AddTo(root);
        var parsed = root.Parse(args);
        var path = ExampleHelp.PathOf(parsed.CommandResult);
        // A group of verbs by itself is a question.
        if (parsed.CommandResult.Command.Subcommands.Count > 0 && args.SequenceEqual(Words(path))) parsed = root.Parse([.. args, "--help"]);
        return Guard(() =>
        {
            if (parsed.GetResult("--recipe") is OptionResult { Tokens: [var recipe, ..] }) parsed = root.Parse([.. args, .. RecipeFile.Arguments(recipe.Value, parsed)]);
            // Who asks for help has not finished the command yet.
            if (parsed.Errors.Count > 0 && parsed.Action is not ExampleHelp)
            {
                // Some of the parser's messages are lists over several lines.
                var message = string.Join(' ', parsed.Errors[0].Message.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
                throw new UserException($"{message} See 'datassl {path}{(path.Length > 0 ? " " : "")}--help'.");
            }
            Images.Limit(parsed.GetValue(megapixels));
            foreach (var file in parsed.GetValue(files) ?? []) catalogue.Add(SpaceFileCompiler.Load(file));
            return parsed.Invoke(new() { EnableDefaultExceptionHandler = false });
        });
    }

    private static string[] Words(string path) => path.Split(' ', StringSplitOptions.RemoveEmptyEntries);

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
        catch (Exception e) when (e is InvalidOperationException or IOException or ExternalException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            Console.Error.WriteLine($"datassl: {e.Message}");
            return 1;
        }
        catch (Exception e)
        {
            // A fault of the program, so whoever mends it needs to see where.
            Console.Error.WriteLine($"datassl: unexpected failure, please report it with these lines: {e}");
            return 1;
        }
    }
}
