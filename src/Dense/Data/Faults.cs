using DataSsl.Runtime;

namespace DataSsl.Dense.Data;

/// <summary>
/// What is wrong with a set's annotations: they are skipped, and each kind is told once, with how many there are and where the first is.
/// </summary>
internal sealed class Faults
{
    private readonly Dictionary<string, (int Count, string First)> kinds = [];

    /// <summary>How many annotations are skipped.</summary>
    public int Count { get; private set; }

    /// <param name="kind">What is wrong, as said of one.</param>
    /// <param name="place">The file and where in it.</param>
    public void Add(string kind, string place)
    {
        Count++;
        kinds[kind] = kinds.TryGetValue(kind, out var seen) ? (seen.Count + 1, seen.First) : (1, place);
    }

    /// <summary>One line a kind, in the order in which they were met.</summary>
    public IReadOnlyList<string> Lines() => [.. kinds.Select(kind => OneLine.Of(kind.Value.Count == 1
        ? $"skipped: {kind.Value.First}: {kind.Key}"
        : FormattableString.Invariant($"skipped: {kind.Value.First}: {kind.Key}; {kind.Value.Count - 1:N0} more like it")))];

    /// <summary>What refuses a set that has nothing else.</summary>
    public UserException Refuse(string path, string mend) => kinds.Count == 0
        ? new($"{path}: nothing is marked on any of its images; {mend}")
        : new(
            FormattableString.Invariant(
                $"{path}: none of its annotations can be used ({Count:N0} tried); the first: {kinds.First().Value.First}: {kinds.First().Key}; {mend}"));
}
