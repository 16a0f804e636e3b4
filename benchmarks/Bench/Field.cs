using DataSsl.Runtime;

namespace DataSsl.Bench;

/// <summary>Who takes part besides ours.</summary>
/// <param name="Peers">Peers by name; null for all that the machine has.</param>
/// <param name="Against">The program of another build of datassl; null for none.</param>
internal sealed record Field(IReadOnlyList<string>? Peers, string? Against)
{
    /// <summary>All peers that the machine has, and no other build.</summary>
    public static Field All { get; } = new(null, null);

    /// <summary>Reads <c>--peers</c> and <c>--against</c>.</summary>
    /// <param name="peers"><c>all</c>, <c>none</c> or names with commas between them.</param>
    /// <param name="against">A path.</param>
    /// <param name="names">The peers of the bench.</param>
    /// <exception cref="UserException">A name is no peer's, or there is no such program.</exception>
    public static Field Parse(string peers, string? against, IReadOnlyList<string> names)
    {
        if (against is not null && !File.Exists(against))
            throw new UserException($"--against {against}: no such program; give the datassl of another build");
        var chosen = peers switch { "all" => null, "none" => [], _ => peers.Split(',') };
        if (chosen?.FirstOrDefault(name => !names.Contains(name)) is { } unknown)
            throw new UserException($"--peers {unknown}: is none of {string.Join(", ", names)}; or give all or none");
        return new(chosen, against is null ? null : Path.GetFullPath(against));
    }

    /// <summary>Those that take part, in the order that they take turns in.</summary>
    /// <param name="ours">This build, from the arguments of its worker; <see cref="Against"/> is given the same.</param>
    /// <param name="peers">All of the bench.</param>
    public IEnumerable<Entry> Of(IReadOnlyList<string> ours, IEnumerable<Entry> peers)
    {
        yield return new(Entry.Ours, Environment.ProcessPath!, ours);
        if (Against is not null) yield return new(Entry.Against, Against, ours);
        foreach (var peer in Of(peers)) yield return peer;
    }

    /// <summary>The peers that take part.</summary>
    public IEnumerable<Entry> Of(IEnumerable<Entry> peers) =>
        peers.Where(peer => Peers?.Contains(peer.Name) ?? (peer.Program != PeerPrograms.Python || PeerPrograms.HasPyTorch));
}
