using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>
/// Which choices the shape of each weight follows: a side is its largest one times the choices of some axes over their largest. Found by
/// looking at what forward passes take, as no layer knows which choice a width of it is.
/// </summary>
public sealed class SliceSpans
{
    /// <summary>Architectures that what was found is checked on.</summary>
    private const int Checks = 3;

    private readonly Dictionary<(string Key, int Dimension), int[]> axes = [];

    private SliceSpans()
    {
    }

    /// <summary>Looks at a space: a forward pass of the smallest images for each choice.</summary>
    /// <exception cref="UserException">A shape follows its choices in another way.</exception>
    public static SliceSpans Of(SearchSpace space)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var whole = new ParameterStore();
        var net = space.CreateSupernet(whole);
        whole.Allocate(CPU, ScalarType.Float32, trainable: false);
        var found = new SliceSpans();
        var largest = Shapes(space.Max);
        var depths = space.Segments.Select(segment => segment.DepthAxis).ToHashSet();
        foreach (var axis in Enumerable.Range(0, space.Axes.Count).Where(i => !depths.Contains(i) && space.Axes[i].Values.Count > 1))
        {
            var choices = space.Max.Choices.ToArray();
            choices[axis] = space.Axes[axis].Min;
            foreach (var (key, shape) in Shapes(new(space, choices)))
                for (var d = 0; d < shape.Length; d++)
                    if (shape[d] != largest[key][d]) found.axes[(key, d)] = [.. found.Axes(key, d), axis];
        }
        var random = CounterRandom.For(0, "slice spans");
        for (var i = 0; i < Checks; i++)
        {
            var architecture = space.Sample(ref random);
            foreach (var (key, shape) in Shapes(architecture))
                for (var d = 0; d < shape.Length; d++)
                    if (shape[d] != found.Side(key, d, largest[key][d], architecture))
                        throw new UserException(
                            $"{key} of {space.Name} does not grow in proportion to its choices, so there is no mixture of them; learn with proxyless");
        }
        return found;

        Dictionary<string, long[]> Shapes(Architecture architecture)
        {
            using var inner = NewDisposeScope();
            // Two images: the smallest ones come down to one position, and BatchNorm needs two values.
            net.LastMap(zeros(2, space.InputChannels, space.Reduction, space.Reduction), architecture);
            var shapes = whole.Slots.Select(slot => (slot.Key, Shape: slot.SliceShape())).Where(slot => slot.Shape is not null)
                .ToDictionary(slot => slot.Key, slot => slot.Shape!);
            foreach (var slot in whole.Slots) slot.DisposeSlices();
            return shapes;
        }
    }

    private long Side(string key, int dimension, long largest, Architecture architecture) => Axes(key, dimension)
        .Aggregate(largest, (n, axis) => n * architecture[axis] / architecture.Space.Axes[axis].Max);

    /// <summary>The axes that a side of a parameter follows; empty where it is fixed.</summary>
    public int[] Axes(string key, int dimension) => axes.GetValueOrDefault((key, dimension), []);
}
