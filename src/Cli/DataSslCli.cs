using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using DataSsl.Cli.Recipes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Cli.Verbs;
using DataSsl.Generator.Parsing;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Cli;

/// <summary>
/// The command line over a set of compiled spaces. A project with spaces of its own calls it with its <c>CompiledSpaces.All</c>.
/// </summary>
public static class DataSslCli
{
    /// <summary>SIGXFSZ, on Linux and macOS.</summary>
    private const int FileSizeSignal = 25;

    /// <summary>
    /// A file that would grow beyond a limit (<c>ulimit -f</c>) cannot be written, as on a full disk; the signal would end the process in
    /// the midst of it. Kept to the end of the process: a signal is handled some time after it came.
    /// </summary>
    private static readonly PosixSignalRegistration? fileLimit = OperatingSystem.IsWindows()
        ? null
        : PosixSignalRegistration.Create((PosixSignal)FileSizeSignal, context => context.Cancel = true);

    /// <summary>
    /// What the library would do beside: words that begin with @ would name files of further words, and -abc would be three options.
    /// </summary>
    private static readonly ParserConfiguration plain = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    /// <summary>
    /// Runs one command and returns the exit code: 0 for success, 2 for a mistake of the user's, 1 for a failure, 129, 130 or 143 after an
    /// interrupt.
    /// </summary>
    public static int Run(string[] args, IReadOnlyList<SearchSpace> spaces)
    {
        GC.KeepAlive(fileLimit);
        using var progress = new OptionalError();
        using var output = new RequiredOutput();
        Output.Listen();
        var catalogue = new SpaceCatalogue(spaces);
        var (root, files, megapixels) = Create(catalogue, withBenches: args.Contains("bench"));
        var parsed = root.Parse(args, plain);
        var path = ExampleHelp.PathOf(parsed.CommandResult);
        // A group of verbs by itself is a question.
        if (parsed.CommandResult.Command.Subcommands.Count > 0 && args.SequenceEqual(Words(path)))
            parsed = root.Parse([.. args, "--help"], plain);
        return Guard(() =>
        {
            if (parsed.Tokens.FirstOrDefault(token => token.Type == TokenType.Directive) is { } directive)
                throw new UserException($"unknown command '{directive.Value}'. See 'datassl --help'.");
            if (parsed.GetResult("--recipe") is OptionResult { Tokens: [var recipe, ..] } && IsSound(recipe.Value))
                parsed = root.Parse([.. args, .. RecipeFile.Arguments(recipe.Value, parsed)], plain);
            // Who asks for help has not finished the command yet.
            if (parsed.Errors.Count > 0 && parsed.Action is not ExampleHelp)
                throw new UserException($"{Sentence(Mistake(parsed))} See 'datassl {path}{(path.Length > 0 ? " " : "")}--help'.");
            // Whatever an option's file is for: opening a pipe would wait for ever.
            foreach (var token in parsed.Tokens)
                if (token.Type == TokenType.Argument && RegularFile.OtherKind(token.Value) is { } kind)
                    throw new UserException($"{token.Value}: {kind}, not a file or folder");
            Images.Limit(parsed.GetValue(megapixels));
            NextCommand.Take(parsed.GetValue(files) ?? [], parsed.GetValue(megapixels));
            foreach (var file in parsed.GetValue(files) ?? []) catalogue.Add(SpaceFileCompiler.Load(file));
            return parsed.Invoke(new() { EnableDefaultExceptionHandler = false });
        });
    }

    /// <summary>Runs a command that the program itself puts together, within one that was given; mistakes come as exceptions.</summary>
    /// <param name="root">The command line of that.</param>
    internal static int Invoke(Command root, IReadOnlyList<string> words)
    {
        var parsed = root.Parse(words, plain);
        return parsed.Errors.Count == 0
            ? parsed.Invoke(new() { EnableDefaultExceptionHandler = false })
            : throw new UserException(Mistake(parsed));
    }

    /// <summary>The whole command line, with the options that all verbs have.</summary>
    internal static (RootCommand Root, Option<string[]> SpaceFiles, Option<int> MaxMegapixels) Create(
        SpaceCatalogue catalogue, bool withBenches = true)
    {
        var root = new RootCommand(
            "From a folder of unlabelled images and a budget to the network that fits: train a weight-sharing supernet without labels, "
            + "rank its subnets, and keep the winners as plain C# classes.")
        {
            DoctorVerb.Create(), DataVerb.Create(catalogue), SpaceVerb.Create(catalogue), CostVerb.Create(catalogue),
            PlanVerb.Create(catalogue),
            TrainVerb.Create(catalogue), LaunchVerb.Create(),
            SearchVerb.Create(catalogue), ReportVerb.Create(catalogue), EmitVerb.Create(catalogue), EvaluateVerb.Create(catalogue),
            EmbedVerb.Create(catalogue), SimilarVerb.Create(catalogue),
            StudyVerb.Create(catalogue), SurveyVerb.Create(catalogue), VerdictVerb.Create(catalogue), DemoVerb.Create(catalogue, Invoke),
            BenchVerb.Create(catalogue, withBenches),
        };
        root.Add(CompletionVerb.Create(root, catalogue));
        var (files, megapixels) = (Options.SpaceFiles(), Options.MaxMegapixels());
        root.Options.Add(files);
        root.Options.Add(megapixels);
        ExampleHelp.AddTo(root);
        RefuseNothing(root);
        return (root, files, megapixels);
    }

    /// <summary>A word that is not there, as of a shell's variable that is not set, is a mistake wherever text is taken.</summary>
    private static void RefuseNothing(Command command)
    {
        foreach (var option in command.Options) option.Validators.Add(result => Check(result, option.Name, option.Description));
        foreach (var argument in command.Arguments) argument.Validators.Add(result => Check(result, argument.Name, argument.Description));
        foreach (var verb in command.Subcommands) RefuseNothing(verb);

        static void Check(SymbolResult result, string name, string? description)
        {
            if (result.Tokens.Any(token => !IsSound(token.Value))) result.AddError($"{name} is given nothing: {description}");
        }
    }

    private static bool IsSound(string word) => !string.IsNullOrWhiteSpace(word);

    /// <summary>The first mistake in one line, with the word that was probably meant.</summary>
    private static string Mistake(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens is [var word, ..])
        {
            if (word.StartsWith('-')) return $"unknown option '{word}'{Meant(word, Names(parsed.CommandResult))}";
            if (command.Subcommands.Count > 0)
                return $"unknown command '{word}'{Suggestion.For(word, [.. command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name)])}";
        }
        // Some of the parser's messages are lists over several lines.
        return string.Join(' ', parsed.Errors[0].Message.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));

        // Options are too many to list them all.
        static string Meant(string word, IReadOnlyCollection<string> known) =>
            Suggestion.For(word, known) is var hint && hint.StartsWith(", did", StringComparison.Ordinal) ? hint : "";
    }

    private static List<string> Names(CommandResult result) =>
        [
            .. result.Command.Options.Select(option => option.Name),
            .. result.Parent is CommandResult parent
                ? parent.Command.Options.Where(option => option.Recursive).Select(option => option.Name)
                : [],
        ];

    private static string Sentence(string text) => text[^1] is '.' or '?' ? text : text + ".";

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
            Say(e.Message);
            return 2;
        }
        catch (Exception e) when (e is OutOfMemoryException || IsAllocation(e))
        {
            Say("the memory does not suffice for what was asked: give smaller images, fewer at once, or a smaller network");
            return 1;
        }
        catch (Exception e) when (
            e is InvalidOperationException or IOException or ExternalException or UnauthorizedAccessException
                or PlatformNotSupportedException)
        {
            Say(e.Message);
            return 1;
        }
        catch (Exception e)
        {
            // A fault of the program, so whoever mends it needs to see where.
            Console.Error.WriteLine($"datassl: unexpected failure, please report it with these lines: {e}");
            return 1;
        }

        finally
        {
            RunFolder.ReleaseAll();
        }

        static void Say(string message) => Console.Error.WriteLine($"datassl: {OneLine.Of(message)}");
    }

    /// <summary>Whether libtorch was refused memory: its own words tell of its allocator and where in its source.</summary>
    private static bool IsAllocation(Exception e) =>
        e is ExternalException
            && (e.Message.Contains("DefaultCPUAllocator", StringComparison.Ordinal)
                || e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase));
}
