using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Jobs.Shared;

/// <summary>The spaces by name: those that the project compiles, and those of <c>--space-file</c>.</summary>
public sealed class SpaceCatalogue(IReadOnlyList<SearchSpace> compiled)
{
    private readonly List<SearchSpace> spaces = [.. compiled];

    /// <summary>All of them.</summary>
    public IReadOnlyList<SearchSpace> All => spaces;

    /// <summary>Adds a space; it takes the place of a compiled one of its name, which is how one tries out an edit of it.</summary>
    public void Add(SearchSpace space)
    {
        spaces.RemoveAll(s => s.Name.Equals(space.Name, StringComparison.OrdinalIgnoreCase));
        spaces.Add(space);
    }

    /// <summary>The space of a name, in letters of either case.</summary>
    /// <exception cref="UserException">There is none.</exception>
    public SearchSpace Find(string name) =>
        spaces.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new UserException(
            $"unknown space '{name}'; compiled are {string.Join(", ", spaces.Select(s => s.Name))}; a space of your own comes with --space-file FILE");
}
