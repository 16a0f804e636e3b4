using System.Globalization;
using DataSsl.Generator.Plan;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Search.Candidates;
using DataSsl.Search.Plans;
using DataSsl.Search.Scores;
using DataSsl.SearchSpaces;

namespace DataSsl.Search.Walk;

/// <summary>
/// The bytes that a walk holds at its fullest, in closed form from the plan. On the path to a node lie the output of each finished segment
/// and the last block's, of all images: a BatchNorm needs them all. Beside them lie the layers of the block at hand and the working memory
/// of one layer, which is that of the images computed at once, and every kernel's slices.
/// </summary>
public sealed class WalkMemory
{
    private const long Float = 4;

    /// <summary>
    /// A candidate's record, scores and place in lists, as .NET lays them out, with the room that its collector leaves free.
    /// </summary>
    private const long PerCandidate = 2_000;

    private readonly NetworkPlan plan;
    private readonly SearchSpace space;
    private readonly IReadOnlyList<SearchTask> tasks;
    private readonly int size;
    private readonly bool mixesImages;

    /// <summary>Prepares for walks over candidates of a space.</summary>
    /// <param name="space">Their space.</param>
    /// <param name="tasks">What they are scored for; none where they are not scored.</param>
    /// <param name="size">Side of the images in pixels.</param>
    public WalkMemory(SearchSpace space, IReadOnlyList<SearchTask> tasks, int size)
    {
        (this.space, this.tasks, this.size, plan) = (space, tasks, size, SpacePlan.Of(space));
        mixesImages = plan.Templates.SelectMany(t => t.Layers).Any(layer => layer.HasStatistics);
    }

    /// <summary>The layers between the embedding and z; null where no task looks at z.</summary>
    public MlpShape? Neck { get; init; }

    /// <summary>The peak of a walk beyond what the process holds before it.</summary>
    /// <param name="strategy">Of candidates of equal widths the depths do not matter.</param>
    /// <param name="images">Search images.</param>
    /// <param name="atOnce">Images computed at once.</param>
    public long Peak(IStrategy strategy, int images, int atOnce) => Peak(ShapeOf(strategy), images, atOnce);

    /// <summary>
    /// The peak of one network that computes images together and keeps nothing for a backward pass, beyond the images themselves.
    /// </summary>
    public long Forward(Architecture architecture, int images) => PathBytes(architecture, images, images, onlyPrevious: true);

    /// <summary>
    /// What a backward pass needs of the forward pass of images together, at the least: what each layer that has weights made, and what
    /// became of it on the way to the next.
    /// </summary>
    /// <param name="architecture">The network.</param>
    /// <param name="images">Images together.</param>
    /// <param name="bytes">Of a value.</param>
    public long Kept(Architecture architecture, int images, int bytes)
    {
        var choices = architecture.Choices.ToArray().ToEquatableArray();
        var values = 0L;
        foreach (var block in Schedule.OfBlocks(plan, plan.ActiveBlocks(choices), choices, size).Blocks)
        {
            var made = 0L;
            foreach (var step in block)
            {
                // A convolution's output is kept for its norm, and the norm's for the layer after it.
                if (step is LayerStep { Layer.HasStatistics: true }) values += made;
                values += made = OwnValues(step);
            }
        }
        return values * images * bytes;
    }

    private long Peak(Shape shape, int images, int atOnce)
    {
        var (teacher, most) = (TeacherBytes(images), shape.Most);
        var path = shape.Widest.Max(a => PathBytes(a, images, atOnce));
        var teacherRun = PathBytes(space.Max, images, atOnce, onlyPrevious: true);
        return Math.Max(teacherRun, path) + teacher + Float * shape.Kernels + most * PerCandidate
            + most * Float * tasks.Count * ImageUnits.Count(most, images, tasks.Count);
    }

    /// <summary>
    /// As many images at once as keep the peak within a limit, all where they may; a <see cref="UserException"/> where not even one does.
    /// </summary>
    public int AtOnce(IStrategy strategy, int images, long limit)
    {
        var (shape, most) = (ShapeOf(strategy), images);
        while (most > 1 && Peak(shape, images, most) > limit) most = (most + 1) / 2;
        if (Peak(shape, images, most) <= limit) return most;
        var fewer = images;
        while (fewer > 1 && Peak(shape, fewer, 1) > limit) fewer = fewer * 7 / 8;
        var help = Peak(shape, fewer, 1) <= limit
            ? string.Create(CultureInfo.InvariantCulture, $"; give --images {fewer} or fewer, or more memory")
            : "; give more memory";
        throw new UserException(string.Create(
            CultureInfo.InvariantCulture,
            $"--memory: {images:N0} images of {size} px take {Peak(shape, images, 1) >> 20:N0} MiB beside the networks, and {Math.Max(0, limit) >> 20:N0} MiB are left{help}"));
    }

    /// <summary>What of a strategy counts, however many images there are.</summary>
    /// <param name="Widest">A candidate of each combination of widths.</param>
    /// <param name="Kernels">Weights of the slices that are kept.</param>
    private sealed record Shape(int Most, IReadOnlyList<Architecture> Widest, long Kernels);

    private Shape ShapeOf(IStrategy strategy) =>
        new(
            strategy.Most, [.. strategy.Largest.DistinctBy(WidthsOf)],
            SliceMemory.Weights(plan, space, strategy) + (Neck is null ? 0 : SliceMemory.Neck(plan, space, strategy, Neck)));

    private string WidthsOf(Architecture a) =>
        string.Join(',', Enumerable.Range(0, space.Axes.Count).Where(i => space.Axes[i].Kind != "depth").Select(i => a[i]));

    /// <summary>The fullest moment on the way to one candidate.</summary>
    /// <param name="onlyPrevious">Only the segment before is held, as where one network runs through.</param>
    private long PathBytes(Architecture architecture, int images, int atOnce, bool onlyPrevious = false)
    {
        var choices = architecture.Choices.ToArray().ToEquatableArray();
        var (held, most) = (0L, 0L);
        foreach (var segment in Schedule.OfBlocks(plan, plan.Kinds, choices, size).Blocks.GroupBy(block => block.Key.Segment))
        {
            var output = images * segment.Last().Last().Output.Elements * Float;
            foreach (var block in segment)
                most = Math.Max(
                    most, held + (block.Key.Index == 0 ? 0 : output) + BlockBytes(block, choices, images, atOnce, output));
            held = onlyPrevious ? output : held + output;
            most = Math.Max(most, held + CompareBytes(segment.Key, output, segment.Last().Last().Output, images));
        }
        return most;
    }

    /// <summary>
    /// Every layer's output up to the fullest layer, and that layer's working memory. BatchNorm and activations work in place.
    /// </summary>
    private long BlockBytes(IEnumerable<BlockStep> block, EquatableArray<int> choices, int images, int atOnce, long output)
    {
        var count = mixesImages ? images : Math.Min(images, atOnce);
        var (live, most, input) = (0L, 0L, 0L);
        foreach (var step in block.OfType<LayerStep>())
        {
            var own = OwnValues(step);
            live += own * count * Float;
            most = Math.Max(most, live + Working(step, choices, input, own, Math.Min(images, atOnce), count));
            if (own > 0) input = own;
        }
        return most + (mixesImages ? 0 : output);
    }

    /// <summary>What a step's output takes of room of its own, an attention's scores and their softmax beside it.</summary>
    private static long OwnValues(ScheduleStep step) => step.IsInPlace ? 0 : step.Output.Elements + 2 * step.Scores;

    /// <summary>
    /// A convolution lays input, output and weights out anew for its kernel, and its parts are copied together; a pooling also finds the
    /// positions, as 64-bit numbers.
    /// </summary>
    private static long Working(LayerStep step, EquatableArray<int> choices, long input, long output, int atOnce, int count)
    {
        if (step.Layer.IsPooling) return 2 * output * count * Float;
        if (!step.Layer.IsConvolution || step.Layer.GivesTokens) return 0;
        var weights = SliceMemory.Kernel(step.Block.Block, step.Layer, choices);
        var parts = atOnce < count ? output * atOnce : 0;
        return ((input + output) * atOnce + parts + weights) * Float;
    }

    /// <summary>The unit vectors of the student's positions, and parts of the relation matrices.</summary>
    private long CompareBytes(Segment segment, long output, Value map, int images)
    {
        if (!tasks.Any(t => t.Taps.Contains(segment.Tap))) return 0;
        // A class token is not compared.
        var positions = (long)map.Side * map.Side;
        var part = Math.Max(1, RelationScore.PartElements / (positions * positions));
        return 2 * output * Math.Min(part, images) / images
            + 6 * Float * Math.Min(RelationScore.PartElements, images * positions * positions);
    }

    /// <summary>The teacher's unit vectors of every map that a task compares, and z.</summary>
    private long TeacherBytes(int images) => Float * images * Enumerable.Range(0, plan.Segments.Count).Sum(s =>
        tasks.Where(t => t.Taps.Contains(plan.Segments[s].Tap)).Select(t => t.Metric).Distinct()
            .Count() * Positions(s) * plan.Segments[s].Out.At(plan.Space.Max));

    /// <summary>Of a segment's map: a class token is not compared.</summary>
    private long Positions(int segment)
    {
        long side = plan.Geometry.SideAt(plan.Geometry.After(segment), size);
        return side * side;
    }
}
