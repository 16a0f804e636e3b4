using DataSsl.Jobs.Evaluation;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Jobs.Verdict;

/// <summary>A network of a verdict.</summary>
/// <param name="Role">As <see cref="Search.Results.VerdictRow.Role"/>.</param>
/// <param name="Name">What tables and the sentence call it.</param>
/// <param name="Origin">Where its weights came from.</param>
/// <param name="Size">Side of its images in pixels.</param>
/// <param name="Weights">Which weights they are, by a hash.</param>
/// <param name="IsDrawn">Whether its weights are drawn by the seed.</param>
/// <param name="Source">What makes it, for a seed.</param>
internal sealed record VerdictNetwork(
    string Role, string Name, string Origin, Architecture Architecture, int Size, string Weights, bool IsDrawn,
    Func<long, NetworkSource> Source)
{
    /// <summary>Which checkpoint the weights are of, by its hash; null where that is none, or not known.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>All that a figure depends on of the network, whatever it is called.</summary>
    public string Identity => $"{Shape}, {Weights}";

    /// <summary>All that its time depends on.</summary>
    public string Shape { get; } = FormattableString.Invariant($"{Architecture.Space.Hash} {Architecture} at {Size} px");

    public long Macs => Architecture.Space.Macs(Architecture, Size);
}
