using System.Text.RegularExpressions;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Search.Candidates;

/// <summary>
/// A text file with one architecture a line, as <see cref="SearchSpace.Parse"/> reads it. <c>#</c> begins a comment, at the start of a line
/// or behind a blank, unless a digit follows: <c>#12</c> is an architecture by its index.
/// </summary>
public static partial class CandidateFile
{
    /// <summary>Millions of architectures.</summary>
    private const long MostBytes = 1L << 30;

    /// <summary>The architectures of a file, each once, in its order.</summary>
    /// <exception cref="UserException">There is no such file, it names none, or a line of it is no architecture of the space.</exception>
    public static IReadOnlyList<Architecture> Read(SearchSpace space, string path)
    {
        var listed = new List<Architecture>();
        foreach (var (number, text) in Texts(path))
        {
            try
            {
                listed.Add(space.Parse(text));
            }
            catch (UserException e)
            {
                throw new UserException($"{path}, line {number}: {e.Message}", e);
            }
        }
        return listed.Count > 0
            ? [.. listed.Distinct()]
            : throw new UserException(
                $"{path}: names no architecture; give one a line: an anchor's name, #index or a text such as '{space.Max}'");
    }

    /// <summary>The texts of a file with the numbers of their lines, whatever they say; comments and empty lines left out.</summary>
    /// <param name="missing">What to say where there is no such file.</param>
    /// <exception cref="UserException">There is no such file.</exception>
    public static IEnumerable<(int Line, string Text)> Texts(
        string path, string missing = "no such file; give a text file with one architecture a line")
    {
        foreach (var (number, line) in Lines(path, missing).Index())
            if (Comment().Replace(line, "").Trim() is { Length: > 0 } text)
                yield return (number + 1, text);
    }

    private static IEnumerable<string> Lines(string path, string missing)
    {
        using var reader = new StreamReader(RegularFile.OpenGiven(path, MostBytes, missing));
        while (reader.ReadLine() is { } line) yield return line;
    }

    [GeneratedRegex(@"(^|\s)#(?!\d).*$")]
    private static partial Regex Comment();
}
