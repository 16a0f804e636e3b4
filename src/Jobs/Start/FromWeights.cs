using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Start;

namespace DataSsl.Jobs.Start;

/// <summary>The given weights that a run starts from, <c>--from</c>.</summary>
internal sealed class FromWeights
{
    private FromWeights(GivenNetwork given)
    {
        Given = given;
        Origin = new(given.Name, given.Hash, given.Architecture.ToString());
    }

    /// <summary>The network.</summary>
    public GivenNetwork Given { get; }

    /// <summary>What the run keeps of where it came from.</summary>
    public GivenOrigin Origin { get; }

    /// <summary>Reads the weights and says in a line what they are.</summary>
    /// <exception cref="UserException">They cannot be read, or are of no architecture of the space.</exception>
    /// <param name="option">What the line calls them.</param>
    public static FromWeights Read(string weights, SearchSpace space, string option = "--from")
    {
        var given = GivenNetwork.Read(weights, space);
        var anchor = space.Anchors.FirstOrDefault(a => space.Parse(a.Name).Equals(given.Architecture))?.Name;
        Notices.Tell(
            $"{option} {weights}: {(anchor is null ? "" : $"{anchor}, ")}{given.Architecture} of {space.Name}{(given.Left.Length > 0 ? $"; left out: {given.Left}" : "")}");
        return new(given);
    }

    /// <summary>Reads the weights of a run once more, which has none of its own yet.</summary>
    /// <param name="config">The file that names them.</param>
    public static FromWeights Again(GivenOrigin origin, SearchSpace space, string config)
    {
        var now = GivenNetwork.HashOf(origin.Weights);
        return now == origin.Hash
            ? Read(origin.Weights, space)
            : throw new UserException(
                $"{config}: the run began from {origin.Weights} as it was then ({origin.Hash}), and now it is another ({now}): start a new run in another --out");
    }

    /// <summary>The name that a run keeps for what was given.</summary>
    public static string FullName(string weights) => GivenNetwork.FullName(weights);

    /// <summary>What fills a student's weights; null where a run has weights of its own.</summary>
    public static Action<ParameterStore>? Filling(FromWeights? from, TrainOptions options) => options.From is null ? null : store =>
    {
        if (from is null)
            throw new UserException(
                $"{options.From.Weights}: the run's checkpoint is gone, and its start was not read; start a new run in another --out");
        using var start = GivenStart.For(from.Given, options.Method.Only(from.Given.Architecture.Space), options.Seed);
        start.CopyTo(store);
    };
}
