using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Jobs.Shared;

/// <summary>The spaces by name: those that the project compiles, and those of <c>--space-file</c>.</summary>
internal sealed class SpaceCatalogue(IReadOnlyList<SearchSpace> compiled)
{
    private readonly List<SearchSpace> spaces = [.. compiled];

    public IReadOnlyList<SearchSpace> All => spaces;

    /// <summary>Adds a space; it takes the place of a compiled one of its name, which is how one tries out an edit of it.</summary>
    public void Add(SearchSpace space)
    {
        spaces.RemoveAll(s => s.Name.Equals(space.Name, StringComparison.OrdinalIgnoreCase));
        spaces.Add(space);
    }

    public SearchSpace Find(string name) =>
        spaces.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new UserException(
            $"unknown space '{name}'; compiled are {string.Join(", ", spaces.Select(s => s.Name))}; a space of your own comes with --space-file FILE");
}
