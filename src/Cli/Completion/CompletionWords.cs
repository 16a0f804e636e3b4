using System.CommandLine;
using System.CommandLine.Completions;
using DataSsl.Cli.Shared;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Training.Objectives;

namespace DataSsl.Cli.Completion;

/// <summary>What a command line may go on with.</summary>
internal static class CompletionWords
{
    /// <summary>
    /// Options and verbs that are not hidden, or the values of the option before the cursor, that begin as the last word.
    /// </summary>
    public static IEnumerable<string> Of(RootCommand root, SpaceCatalogue spaces, string line)
    {
        NameValues(root, spaces);
        // The program itself may be called by any path.
        var end = line.IndexOf(' ');
        if (end < 0) return [];
        var begun = line[(line.LastIndexOf(' ') + 1)..];
        return root.Parse(line[(end + 1)..]).GetCompletions().Select(item => item.Label)
            .Where(word => word.StartsWith(begun, StringComparison.OrdinalIgnoreCase))
            .Where(word => !word.StartsWith('/') && word is not ("-?" or "-h"))
            .Distinct().Order(StringComparer.Ordinal);
    }

    private static void NameValues(Command command, SpaceCatalogue spaces)
    {
        Offer("--space", spaces.All.Select(space => space.Name));
        Offer("--objective", ObjectiveKind.All.Select(kind => kind.Name));
        foreach (var verb in command.Subcommands) NameValues(verb, spaces);

        void Offer(string name, IEnumerable<string> values)
        {
            foreach (var option in command.Options.Where(option => option.Name == name))
                option.CompletionSources.Add(_ => values.Select(value => new CompletionItem(value)));
        }
    }
}
