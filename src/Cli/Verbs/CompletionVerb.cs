using System.CommandLine;
using DataSsl.Cli.Completion;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl completion</c>: what a shell runs at its start, so that the Tab key knows verbs, options and their values.</summary>
internal static class CompletionVerb
{
    /// <param name="root">The command line that is completed; the verb is not yet in it.</param>
    public static Command Create(RootCommand root, SpaceCatalogue spaces)
    {
        var line = new Argument<string>("LINE") { Description = "The command line, from the program's name up to where the cursor is." };
        var words = new Command("words", "Print the words that a line may go on with.") { line };
        words.Hidden = true;
        words.SetAction(parsed =>
        {
            foreach (var word in CompletionWords.Of(root, spaces, parsed.GetRequiredValue(line))) Output.Line($"{word}");
            return 0;
        });
        return new Command("completion", "Print what makes a shell complete datassl's verbs, options and values.")
        {
            Script("bash", CompletionScripts.Bash, "eval \"$(datassl completion bash)\" in ~/.bashrc"),
            Script("zsh", CompletionScripts.Zsh, "eval \"$(datassl completion zsh)\" in ~/.zshrc, after compinit"),
            Script("pwsh", CompletionScripts.PowerShell, "datassl completion pwsh | Out-String | Invoke-Expression in $PROFILE"),
            words,
        };
    }

    private static Command Script(string shell, string script, string where)
    {
        var command = new Command(shell, $"For {shell}: {where}.");
        command.SetAction(_ =>
        {
            foreach (var line in script.Split('\n')) Output.Line($"{line}");
            return 0;
        });
        return command;
    }
}
