using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>How a step's random subnets are drawn.</summary>
public enum SubnetDraws
{
    /// <summary>Uniformly from the grid, as published.</summary>
    Uniform,

    /// <summary>By what the subnets of a size lack, see <see cref="SizeDraws"/>.</summary>
    Lacking,
}

/// <summary>
/// Draws subnets more often from the sizes that stay behind. What a group of <see cref="SizeGroups"/> lacks is by how much the mean loss of
/// its subnets is above Max's, each over the newest fifty or so; half of the draws go to the groups alike, the other half in proportion to
/// what they lack. Within its group every subnet is as likely as another.
/// </summary>
/// <remarks>
/// A draw is a function of seed, step and the mean losses, which a checkpoint holds: a resumed run draws the same. Losses are read in every
/// step, for which an accelerator is waited for.
/// </remarks>
public sealed class SizeDraws : IDisposable
{
    /// <summary>The share of draws that goes to all groups alike, so that none is forgotten.</summary>
    public const double Alike = 0.5;

    /// <summary>The newest loss's share of a mean, once there are as many.</summary>
    private const double Newest = 0.02;

    /// <summary>Groups are thirds of the space, so that more tries than this mean a group that has no members.</summary>
    private const int MostTries = 1000;

    private readonly SearchSpace space;
    private readonly SizeGroups groups;

    /// <summary>Nothing is known yet, and all groups are drawn alike.</summary>
    public SizeDraws(SearchSpace space, SizeGroups groups)
    {
        (this.space, this.groups) = (space, groups);
        State = zeros([2, SizeGroups.Places], ScalarType.Float32).DetachFromDisposeScope();
    }

    /// <summary>The mean losses of Max and of each group, and of how many they are: [2, 1 + groups], in memory.</summary>
    public Tensor State { get; }

    /// <summary>The share of draws that each of <see cref="SizeGroups.Names"/> has now; alike until there are losses of all.</summary>
    public double[] Shares()
    {
        var (known, count) = (State.data<float>().ToArray(), SizeGroups.Names.Count);
        double[] lacks = [.. Enumerable.Range(1, count).Select(group => Math.Max(0, (double)known[group] - known[0]))];
        var isKnown = known.Skip(1 + count).All(losses => losses > 0);
        return !isKnown || lacks.Sum() is not > 0
            ? [.. lacks.Select(_ => 1.0 / count)]
            : [.. lacks.Select(lack => Alike / count + (1 - Alike) * lack / lacks.Sum())];
    }

    /// <summary>One subnet.</summary>
    public Architecture Draw(ref CounterRandom random)
    {
        var (shares, place, group) = (Shares(), random.NextDouble(), 0);
        while (group < shares.Length - 1 && place >= shares[group]) place -= shares[group++];
        var drawn = space.Sample(ref random);
        for (var tries = 1; tries < MostTries && groups.Of(drawn) != group; tries++) drawn = space.Sample(ref random);
        return drawn;
    }

    /// <summary>Takes the losses of a step [students]; Max's is the first, if it is one of them.</summary>
    public void Learn(IReadOnlyList<Architecture> architectures, Tensor losses)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var values = losses.cpu().data<float>().ToArray();
        for (var i = 0; i < values.Length; i++) Take(groups.PlaceOf(architectures, i, space.Max), values[i]);
    }

    private void Take(int place, float loss)
    {
        var (means, counts) = (State[0], State[1]);
        var (mean, count) = ((double)means[place].item<float>(), counts[place].item<float>());
        means[place] = (float)(mean + Math.Max(1 / (count + 1.0), Newest) * (loss - mean));
        counts[place] = count + 1;
    }

    /// <inheritdoc/>
    public void Dispose() => State.Dispose();
}
