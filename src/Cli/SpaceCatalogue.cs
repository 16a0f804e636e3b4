using DataSsl.Runtime;

namespace DataSsl.Cli;

/// <summary>The compiled spaces by name.</summary>
internal sealed class SpaceCatalogue(IReadOnlyList<SearchSpace> spaces)
{
    public IReadOnlyList<SearchSpace> All => spaces;

    public SearchSpace Find(string name) =>
        spaces.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new UserException($"unknown space '{name}'; compiled are {string.Join(", ", spaces.Select(s => s.Name))}");
}
