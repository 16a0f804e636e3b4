using DataSsl.SearchSpaces;

namespace DataSsl.Runtime.Supernets;

/// <summary>A compiled search space: its axes, its grid and its costs. Generated code supplies one for each space file.</summary>
public abstract class SearchSpace
{
    private readonly Axis[] axes;
    private readonly SegmentInfo[] segments;
    private readonly Anchor[] anchors;
    private readonly ChoiceDiagram grid;

    /// <summary>
    /// Takes what the space file says; each parameter is the property of its name. The last four are left out where a space has no patches,
    /// one input side, no constraints and no budgets.
    /// </summary>
    /// <exception cref="ArgumentException">The constraints couple too many axes.</exception>
    protected SearchSpace(
        string name, string family, string hash, string weightsHash, int inputChannels, int inputSize, int reduction, Axis[] axes,
        SegmentInfo[] segments, Anchor[] anchors, string source,
        int patch = 0, int[]? inputSizes = null, Comparison[]? constraints = null, NamedBudget[]? budgets = null)
    {
        (Name, Family, Hash, WeightsHash, InputChannels, InputSize, Reduction, Patch,
            Source) = (name, family, hash, weightsHash, inputChannels, inputSize, reduction, patch, source);
        (this.axes, this.segments, this.anchors) = (axes, segments, anchors);
        (InputSizes, Constraints, Budgets) = (inputSizes ?? [inputSize], constraints ?? [], budgets ?? []);
        grid = ChoiceDiagram.TryBuild(axes, Constraints)
            ?? throw new ArgumentException("the comparisons couple too many axes", nameof(constraints));
        Text = new(axes, anchors, grid);
    }

    /// <summary>Name of the supernet's class, and what the command line calls the space.</summary>
    public string Name { get; }

    /// <summary>The kind of network, as space files name it: <c>resnet-bottleneck</c>, <c>vit</c>.</summary>
    public string Family { get; }

    /// <summary>Content hash of the network, its grid and its constraints: what a resumed run must agree in.</summary>
    public string Hash { get; }

    /// <summary>Content hash of the largest network alone: what a checkpoint's weights are matched against.</summary>
    public string WeightsHash { get; }

    /// <summary>Channels of an input image.</summary>
    public int InputChannels { get; }

    /// <summary>Side of the input in pixels that costs refer to unless another is given.</summary>
    public int InputSize { get; }

    /// <summary>The input sides that the space is meant for, ascending; the last is <see cref="InputSize"/>.</summary>
    public IReadOnlyList<int> InputSizes { get; }

    /// <summary>By how much the network shrinks an image's sides; also the smallest side it takes.</summary>
    public int Reduction { get; }

    /// <summary>
    /// Side of the patches in pixels that a transformer's stem cuts images into, which images are whole multiples of; 0 where there are
    /// none.
    /// </summary>
    public int Patch { get; }

    /// <summary>The space as canonical YAML, for lowering it again.</summary>
    public string Source { get; }

    /// <summary>The open choices: the stem's, then each stage's. The first varies slowest in an index.</summary>
    public IReadOnlyList<Axis> Axes => axes;

    /// <summary>The parts of the network in the order in which they run.</summary>
    public IReadOnlyList<SegmentInfo> Segments => segments;

    /// <summary>
    /// Whether the stem of any architecture is the leading channels of a wider one's: its one choice is how many channels it gives, and
    /// nothing in a stem mixes those.
    /// </summary>
    public bool HasSharedStem => segments[0] is { DepthAxis: < 0 } stem && stem.Axes.All(axis => axis == stem.ChannelAxis);

    /// <summary>Whether its blocks have branches that a student may leave out as it trains, see <see cref="DropPath"/>.</summary>
    public virtual bool HasDropPath => false;

    /// <summary>The architectures that the space file names, on the grid or off it.</summary>
    public IReadOnlyList<Anchor> Anchors => anchors;

    /// <summary>What every member of the grid fulfils.</summary>
    public IReadOnlyList<Comparison> Constraints { get; }

    /// <summary>The budgets that the space file names.</summary>
    public IReadOnlyList<NamedBudget> Budgets { get; }

    /// <summary>How many architectures the grid holds.</summary>
    public long Count => grid.Count;

    internal ArchitectureText Text { get; }

    internal string AxisNames => string.Join(", ", axes.Select(a => $"{a.Segment} {a.Kind}"));

    /// <summary>The largest choice on every axis, all that the supernet has; on the grid only where the constraints allow it.</summary>
    public Architecture Max => new(this, axes.Select(a => a.Max).ToArray());

    /// <summary>The smallest choice of every axis; on the grid only where the constraints allow it.</summary>
    public Architecture Min => new(this, axes.Select(a => a.Min).ToArray());

    /// <summary>
    /// Multiply-accumulates of the convolutions for one image of <paramref name="size"/> x <paramref name="size"/> pixels.
    /// </summary>
    public abstract long Macs(Architecture architecture, int size);

    /// <summary>Weights of the active convolutions.</summary>
    public abstract long ConvWeights(Architecture architecture);

    /// <summary>Convolution weights and BatchNorm scales and shifts.</summary>
    public abstract long Parameters(Architecture architecture);

    /// <summary>Makes the supernet and declares its weights in <paramref name="weights"/>.</summary>
    public abstract Supernet CreateSupernet(ParameterStore weights);

    /// <summary>Returns the value if the supernet holds weights for it; a <see cref="UserException"/> otherwise.</summary>
    public int CheckChoice(int axis, int value) =>
        axes[axis].Accepts(value) ? value : throw new UserException($"{Name}: {axes[axis].Refusal(value)}");

    /// <summary>Checks an input side.</summary>
    /// <exception cref="UserException">It is too small, or no multiple of the patches' side.</exception>
    public int CheckSize(int size, string option = "--size") =>
        Patch > 0 && size % Patch != 0
            ? throw new UserException(
                $"{option} {size} does not fit {Name}, which cuts images into patches of {Patch} pixels: give a multiple of it, such as {Math.Max(1, (size + Patch / 2) / Patch) * Patch}")
        : size >= Reduction
            ? size
        : throw new UserException(
            $"{option} {size} is too small for {Name}: the network halves the image down to 1/{Reduction}, so it takes {Reduction} pixels or more");

    /// <summary>Whether every choice is on the grid and the constraints hold.</summary>
    public bool IsOnGrid(Architecture architecture) => grid.IndexOf(i => architecture[i]) >= 0;

    /// <summary>Whether a member of the grid begins with these choices.</summary>
    internal bool HasMember(int[] choices, int length) => grid.HasMember(choices, length);

    /// <summary>Position on the grid (first axis slowest); throws for an architecture off the grid.</summary>
    public long IndexOf(Architecture architecture)
    {
        var index = grid.IndexOf(i => architecture[i]);
        return index >= 0 ? index : throw new InvalidOperationException($"{architecture} is off the grid of {Name}: it has no index");
    }

    /// <summary>The architecture at a position of the grid.</summary>
    public Architecture FromIndex(long index)
    {
        if (index < 0 || index >= Count) throw new UserException($"{Name} has architectures #0 to #{Count - 1}, not #{index}");
        return new(this, grid.At(index));
    }

    /// <summary>A uniform draw from the grid.</summary>
    public Architecture Sample(ref CounterRandom random) => FromIndex(random.Below(Count));

    /// <summary>Every architecture of the grid in index order.</summary>
    public IEnumerable<Architecture> All()
    {
        for (var i = 0L; i < Count; i++) yield return FromIndex(i);
    }

    /// <summary>As <see cref="Parse"/>; null for a text that is none.</summary>
    public Architecture? TryParse(string text)
    {
        try
        {
            return Parse(text);
        }
        catch (UserException)
        {
            return null;
        }
    }

    /// <summary>
    /// Reads an anchor's name, Max, Min, <c>#index</c> or the canonical text; a <see cref="UserException"/> says what is wrong with any
    /// other.
    /// </summary>
    public Architecture Parse(string text)
    {
        try
        {
            return new(this, [.. Text.Parse(text)]);
        }
        catch (FormatException e)
        {
            throw new UserException($"'{text}' is not an architecture of {Name}: {e.Message}");
        }
    }
}

/// <summary>A part of the network that can run by itself: the stem or a stage.</summary>
/// <param name="Name">stem, stage1, …</param>
/// <param name="Tap">Name of its output map, C1 to C5.</param>
/// <param name="DepthAxis">The axis that says how many leading blocks run; -1 where all do.</param>
/// <param name="Blocks">Blocks of the deepest architecture.</param>
/// <param name="ChannelFactor">Output channels are this many times the choice of <paramref name="ChannelAxis"/>.</param>
/// <param name="ChannelAxis">Axis of the output channels; -1 where they are the factor itself.</param>
/// <param name="Axes">The axes that belong to this segment.</param>
public sealed record SegmentInfo(string Name, string Tap, int DepthAxis, int Blocks, int ChannelFactor, int ChannelAxis, int[] Axes);
