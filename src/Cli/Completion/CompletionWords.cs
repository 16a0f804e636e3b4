using System.CommandLine;
using System.CommandLine.Completions;
using DataSsl.Cli.Shared;

namespace DataSsl.Cli.Completion;

/// <summary>What a command line may go on with.</summary>
internal static class CompletionWords
{
    /// <summary>Options and verbs that are not hidden, or the values of the option before the cursor, with what is typed already.</summary>
    public static IEnumerable<string> Of(RootCommand root, SpaceCatalogue spaces, string line)
    {
        NameSpaces(root, spaces);
        // The program itself may be called by any path.
        var end = line.IndexOf(' ');
        return end < 0
            ? []
            : root.Parse(line[(end + 1)..]).GetCompletions().Select(item => item.Label)
                .Where(word => !word.StartsWith('/') && word is not ("-?" or "-h")).Distinct().Order(StringComparer.Ordinal);
    }

    private static void NameSpaces(Command command, SpaceCatalogue spaces)
    {
        foreach (var option in command.Options.Where(option => option.Name == "--space"))
            option.CompletionSources.Add(_ => spaces.All.Select(space => new CompletionItem(space.Name)));
        foreach (var verb in command.Subcommands) NameSpaces(verb, spaces);
    }
}
