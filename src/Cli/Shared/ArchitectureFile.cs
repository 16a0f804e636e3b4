using System.CommandLine;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Candidates;

namespace DataSsl.Cli.Shared;

/// <summary>
/// A text file with one architecture: what a run that learns its architecture leaves, and what <c>--arch</c> takes in the place of the
/// architecture's own text. It is a list of candidates too, of one.
/// </summary>
internal static class ArchitectureFile
{
    /// <summary>Its name in a run's folder.</summary>
    public const string FileName = "architecture.txt";

    private const string Extension = ".txt";

    /// <summary>Has an option for an architecture take a file as well.</summary>
    public static Option<string> Take(Option<string> option)
    {
        option.CustomParser = result =>
        {
            try
            {
                return TextOf(result.Tokens[^1].Value);
            }
            catch (UserException e)
            {
                result.AddError($"{option.Name} {e.Message}");
                return null;
            }
        };
        return option;
    }

    /// <summary>Writes an architecture, with what is to be said of it as a comment.</summary>
    public static void Write(string folder, Architecture architecture, string comment) =>
        AtomicFile.WriteText(Path.Combine(folder, FileName), $"# {comment}\n{architecture}\n");

    /// <summary>The architecture's text that a file holds; any other text as it is.</summary>
    /// <exception cref="UserException">There is no such file, or it does not hold one architecture.</exception>
    public static string TextOf(string text)
    {
        if (!text.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)) return text;
        return CandidateFile.Texts(text).Select(line => line.Text).ToList() is [var only] ? only
            : throw new UserException($"{text}: holds not one architecture but a list of them or none; give one");
    }
}
