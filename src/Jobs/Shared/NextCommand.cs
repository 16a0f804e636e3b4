using System.Globalization;
using DataSsl.Search.Report;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;

namespace DataSsl.Jobs.Shared;

/// <summary>
/// Commands that verbs print to go on with. They run as they stand: words are quoted, and what every verb of this command line was given
/// comes with them.
/// </summary>
internal static class NextCommand
{
    private static string common = "";

    /// <summary>Takes what belongs to every command after this one too.</summary>
    public static void Take(IEnumerable<string> spaceFiles, int maxMegapixels) =>
        common = string.Concat(spaceFiles.Select(file => $" --space-file {ShellWord.Of(file)}"))
            + (maxMegapixels == Images.DefaultMaxMegapixels ? ""
                : string.Create(CultureInfo.InvariantCulture, $" --max-megapixels {maxMegapixels}"));

    /// <summary>A command of a verb and its words.</summary>
    /// <param name="verb">Such as <c>evaluate linear</c>.</param>
    /// <param name="words">Options and their values.</param>
    public static string Of(string verb, params IEnumerable<string> words) =>
        $"datassl {verb}{string.Concat(words.Select(word => " " + ShellWord.Of(word)))}{common}";

    /// <summary>The same command once more, in as many processes where <c>launch</c> started it in several.</summary>
    public static string Again(string verb, params IEnumerable<string> words) =>
        Of(Environment.GetEnvironmentVariable(LaunchVariables.Launcher) is { Length: > 0 }
        ? string.Create(CultureInfo.InvariantCulture, $"launch --nproc {LaunchVariables.Size} -- {verb}") : verb, words);
}
