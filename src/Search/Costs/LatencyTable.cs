using System.Globalization;
using DataSsl.Generator.Plan;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Plans;
using DataSsl.SearchSpaces;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Search.Costs;

/// <summary>
/// How long architectures take on a device for one image. Every distinct shape of block is timed once, and what a network has beside the
/// blocks of its stages (stem, pooling, calls) as what a small network takes beyond its blocks; an architecture is foretold as the sum.
/// </summary>
public sealed class LatencyTable
{
    private readonly SearchSpace space;
    private readonly NetworkPlan plan;
    private readonly int size;
    private readonly LatencyForm form;
    private readonly string machine;
    private readonly LatencyFile file;
    private readonly Func<Architecture, ITimedNetwork> make;
    private readonly Clock clock;
    private readonly Dictionary<long, double>[] seconds;

    private LatencyTable(
        SearchSpace space, int size, LatencyForm form, string machine, LatencyFile file, Func<Architecture, ITimedNetwork> make,
        Clock clock)
    {
        (this.space, this.size, this.form, this.machine, plan) = (space, size, form, machine, SpacePlan.Of(space));
        (this.file, this.make, this.clock) = (file, make, clock);
        seconds = [.. Enumerable.Range(0, 2 * plan.Segments.Count).Select(_ => new Dictionary<long, double>())];
    }

    /// <summary>Seconds of passes.</summary>
    internal delegate double[] Clock(IReadOnlyList<Action> passes);

    /// <summary>What was timed, in words.</summary>
    public string Description =>
        string.Create(
            CultureInfo.InvariantCulture, $"{file.Blocks.Count:N0} shapes timed as {BudgetText.NameOf(form)} on {machine}, one image of {size} px");

    /// <summary>Times what is not known yet of the shapes that the candidates have.</summary>
    /// <param name="form">What is timed.</param>
    /// <param name="listed">The candidates where they are known; null for any of the grid.</param>
    /// <param name="device">The CPU, but for the TorchSharp class.</param>
    /// <param name="known">A file of an earlier run to go on with; null to begin anew.</param>
    /// <param name="progress">Called after each network that shapes are timed in with how many are done, and how many there are.</param>
    public static LatencyTable Measure(
        SearchSpace space, int size, LatencyForm form, IReadOnlyList<Architecture>? listed, Device device, string? known = null,
        Action<int, int>? progress = null) =>
        Measure(a => Timing.Network(a, size, form, device), Timing.Seconds, space, size, form, listed, device, known, progress);

    internal static LatencyTable Measure(
        Func<Architecture, ITimedNetwork> make, Clock clock, SearchSpace space, int size, LatencyForm form,
        IReadOnlyList<Architecture>? listed, Device device, string? known = null, Action<int, int>? progress = null)
    {
        var machine = Checkpoint.Machine(device);
        var identity = new Dictionary<string, string>
        {
            ["space"] = space.Hash,
            ["size"] = size.ToString(CultureInfo.InvariantCulture),
            ["form"] = BudgetText.NameOf(form),
            ["machine"] = machine,
            ["processor"] = Processor.Description,
            ["version"] = typeof(LatencyTable).Assembly.GetName().Version!.ToString(3),
        };
        var table = new LatencyTable(space, size, form, machine, LatencyFile.Open(known, identity), make, clock);
        // Known architectures such as ResNet50 are shown beside the candidates.
        var shown = space.Anchors.Select(a => space.Parse(a.Name)).Append(space.Max).Append(space.Min).Select(ShapeCover.Shallow);
        var distinct = (listed?.Select(ShapeCover.Shallow) ?? ShapeCover.Of(space, table.plan)).Concat(shown).Distinct().ToList();
        foreach (var (i, network) in distinct.Index())
            if (table.Time(network)) progress?.Invoke(i + 1, distinct.Count);
        return table;
    }

    /// <summary>Writes all times, and those to come, to a file.</summary>
    public void Keep(string path) => file.Keep(path);

    /// <summary>The sum over an architecture's blocks, in seconds.</summary>
    public double Predict(Architecture architecture)
    {
        var choices = architecture.Choices.ToArray().ToEquatableArray();
        var sum = file.Blocks[Outside(choices)];
        for (var s = 0; s < plan.Segments.Count; s++)
        {
            if (plan.Segments[s].Blocks[0].Container.Length == 0) continue;
            sum += Of(s, 0, choices);
            if (architecture.Depth(s) is > 1 and var depth) sum += (depth - 1) * Of(s, 1, choices);
        }
        return sum;
    }

    /// <summary>The time of a block, found by its choices: budgets ask for it of every architecture of a space.</summary>
    private double Of(int segment, int at, EquatableArray<int> choices)
    {
        var key = 0L;
        foreach (var port in plan.Segments[segment].Blocks[at].Ports)
            foreach (var axis in port.Axes)
                key = checked(key * (space.Axes[axis].Max + 1) + choices[axis]);
        if (!seconds[2 * segment + at].TryGetValue(key, out var known))
            seconds[2 * segment + at][key] = known = file.Blocks[BlockShape.Of(plan, segment, at, choices, size).Text];
        return known;
    }

    /// <summary>The time of a whole network, measured once, in seconds.</summary>
    public double Whole(Architecture architecture)
    {
        if (file.Whole.TryGetValue(architecture.ToString(), out var known)) return known;
        using var network = make(architecture);
        return file.AddWhole(architecture.ToString(), clock([network.Whole()])[0]);
    }

    /// <summary>Times the blocks of a network whose shapes are new; false where none is.</summary>
    private bool Time(Architecture architecture)
    {
        var choices = architecture.Choices.ToArray().ToEquatableArray();
        var blocks = plan.ActiveBlocks(choices).Where(b => b.Block.Container.Length > 0)
            .Select(
                    b =>
                        (b.Key, Shape: BlockShape.Of(plan, plan.Segments.ToList().IndexOf(b.Segment), Math.Min(b.Index, 1), choices, size)))
                .ToList();
        if (blocks.TrueForAll(b => file.Blocks.ContainsKey(b.Shape.Text)) && file.Blocks.ContainsKey(Outside(choices))) return false;
        using var network = make(architecture);
        // All of its blocks, so that what is left for the rest is a difference of times of one moment.
        var times = clock([.. blocks.Select(b => network.Block(b.Key, b.Shape.Input)), network.Whole()]);
        foreach (var (block, time) in blocks.Zip(times)) file.Blocks.TryAdd(block.Shape.Text, time);
        file.Blocks.TryAdd(Outside(choices), Math.Max(0, times[^1] - times[..^1].Sum()));
        return true;
    }

    private string Outside(EquatableArray<int> choices) => string.Join(" and ", Enumerable.Range(0, plan.Segments.Count)
        .Where(s => plan.Segments[s].Blocks[0].Container.Length == 0).Select(s => BlockShape.Of(plan, s, 0, choices, size).Text)
            .Prepend("outside"));
}
