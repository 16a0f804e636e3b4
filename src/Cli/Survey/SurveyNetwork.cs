using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Candidates;

namespace DataSsl.Cli.Survey;

/// <summary>A network of a survey.</summary>
/// <param name="Name">What tables call it.</param>
internal sealed record SurveyNetwork(string Name, Architecture Architecture)
{
    private const string Missing = "no such file; give a text file with one network a line, 'SPACE ARCH' or 'NAME: SPACE ARCH'";

    public SearchSpace Space => Architecture.Space;

    /// <summary>What it is, whatever it is called.</summary>
    public string Key => $"{Space.Hash} {Architecture}";

    /// <summary>
    /// The networks of a text file, one a line: <c>SPACE ARCH</c>, or <c>NAME: SPACE ARCH</c>, with an architecture's text as everywhere.
    /// Comments are those of other lists.
    /// </summary>
    /// <param name="only">The one space that they are of; null for any.</param>
    /// <exception cref="UserException">There is no such file, a line of it is no network, or one is there twice.</exception>
    public static IReadOnlyList<SurveyNetwork> Read(SpaceCatalogue spaces, string path, SearchSpace? only = null)
    {
        var networks = new List<(int Line, SurveyNetwork Network)>();
        foreach (var (line, text) in CandidateFile.Texts(path, Missing))
        {
            var place = FormattableString.Invariant($"{path}, line {line}");
            try
            {
                var network = Parse(spaces, text);
                if (only is not null && network.Space != only)
                    throw new UserException($"{network.Space.Name}: --from-supernet is of {only.Name}; give networks of that space");
                if (networks.Find(other => other.Network.Name == network.Name || other.Network.Key == network.Key) is ({ } first, { } same))
                    throw new UserException(
                        FormattableString.Invariant(
                            $"'{network.Name}' is there already in line {first}, {(same.Key == network.Key ? "by the same architecture" : "by its name")}; take one out"));
                networks.Add((line, network));
            }
            catch (UserException e)
            {
                throw new UserException($"{place}: {e.Message}", e);
            }
        }
        return networks.Count > 0 ? [.. networks.Select(network => network.Network)] : throw new UserException($"{path}: names no network");
    }

    private static SurveyNetwork Parse(SpaceCatalogue spaces, string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var name = words[0].Length > 1 && words[0].EndsWith(':') ? words[0][..^1] : null;
        return words[(name is null ? 0 : 1)..] is [var space, _, ..] rest
            ? new(name ?? string.Join(' ', rest), spaces.Find(space).Parse(string.Join(' ', rest[1..])))
            : throw new UserException($"'{text}': give a space and an architecture of it, such as 'DataResNet ResNet50'");
    }
}
