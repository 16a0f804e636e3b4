using System.CommandLine;
using DataSsl.Cli;
using DataSsl.Cli.Shared;
using DataSsl.Jobs.Shared;
using DataSsl.Spaces;
using Command = DataSsl.Cli.Tests.Command;
using ConsoleCollection = DataSsl.Cli.Tests.ConsoleCollection;

namespace DataSsl.Fuzz;

/// <summary>
/// Every option of every verb, given what is no value of it: one line that names the option, exit code 2, before any work.
/// </summary>
[Collection(nameof(ConsoleCollection))]
public sealed class OptionTests
{
    private const string Nothing = "";

    /// <summary>What is no number, or one that no setting has; each may be taken for a number by a library that is kind.</summary>
    private static readonly string[] noNumbers =
    [
        Nothing, " ", "0,05", "1,000", "1.000,5", "1'000", "1_000", "NaN", "-NaN", "nan", "Infinity", "-Infinity", "∞", "1e400", "-1e400",
        "0x10", "1d", "1f", " 1", "1 ", "١", "²", "½", "true", "null",
        "#1", "(1)", "$1", "1%", "+-1", "1-", "1e", "e1", ".", "-", "--", "99999999999999999999", "-99999999999999999999",
        "9223372036854775808", "1.7976931348623157e309",
    ];

    /// <summary>What no word of an option is: numbers of its words, and lists of them.</summary>
    private static readonly string[] noWords =
    [
        Nothing, " ", "0", "1", "-1", "7", "Sgd,Lars", "sgd ", "other", "null", "Algorithm1|Released",
    ];

    private static readonly string[] noFlags = ["maybe", "0", "1", "yes", "True,False"];

    private static readonly string[] noTexts = [Nothing, " ", "\t"];

    public static TheoryData<string> Verbs => [.. Leaves(Root()).Select(leaf => leaf.Path)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void An_option_that_is_given_no_value_of_its_is_named_in_one_line(string verb)
    {
        var (root, leaf) = (Root(), Leaves(Root()).Single(leaf => leaf.Path == verb));
        // What a verb cannot do without comes first, so that the option alone is at fault.
        string[] words =
        [
            .. verb.Split(' '),.. leaf.Command.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues > 0).Select(_ => "Demo"),
        ];
        var place = 0;
        foreach (var option in
            leaf.Command.Options.Concat(root.Options.Where(option => option.Recursive))
                .Where(option => option is not System.CommandLine.Help.HelpOption))
        {
            var bad = option is ICheckedOption { Takes: var takes }
                ? takes.Contains("number", StringComparison.Ordinal)
                ? noNumbers
                : noWords
                : option.ValueType == typeof(bool)
                ? noFlags
                : noTexts;
            var few = Math.Min(bad.Length, Mutation.Rounds(4));
            // Others for each option, and the first for all.
            foreach (var value in Enumerable.Range(0, few).Select(i => i == 0 ? bad[0] : bad[(place++ + i) % bad.Length]).Distinct())
            {
                var run = Command.Run([.. words, $"{option.Name}={value}"]);
                Assert.True(run.ExitCode == 2, $"{verb} {option.Name}='{value}' ended with {run.ExitCode}: {run.Output}{run.Error}");
                Assert.Empty(run.Output);
                Assert.Matches(@"\Adatassl: [^\n]+\n\z", run.Error);
                // A flag takes no word, so that the word is told.
                Assert.True(
                    run.Error.Contains(option.ValueType == typeof(bool) ? $"'{value}'" : option.Name, StringComparison.Ordinal),
                    $"{verb} {option.Name}='{value}' is refused for something else: {run.Error}");
            }
        }
    }

    /// <summary>No number enters by an option without bounds.</summary>
    [Fact]
    public void Every_option_that_is_no_text_and_no_flag_says_what_it_takes() => Assert.All(
        Leaves(Root()).SelectMany(leaf => leaf.Command.Options)
            .Where(option => option.ValueType != typeof(bool) && option.ValueType != typeof(string) && option.ValueType != typeof(string[])
            && option is not System.CommandLine.Help.HelpOption),
        option => Assert.IsType<ICheckedOption>(option, exactMatch: false));

    private static RootCommand Root() => DataSslCli.Create(new SpaceCatalogue(CompiledSpaces.All)).Root;

    private static IEnumerable<(string Path, System.CommandLine.Command Command)> Leaves(
        System.CommandLine.Command command, string path = "") =>
        command.Subcommands.Count == 0
        ? [(path, command)]
        // 'plan' is a verb and a group.
        :
        [
            .. path == "plan" ? [(path, command)] : Array.Empty<(string, System.CommandLine.Command)>(),
            .. command.Subcommands.SelectMany(verb => Leaves(verb, $"{path} {verb.Name}".Trim())),
        ];
}
