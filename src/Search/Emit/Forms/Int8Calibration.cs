using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>
/// Finds what of a draft is computed in 8 bits, and how: the ranges of its values over images, by the rule whose embeddings come nearest,
/// and the layers that hurt too much, which stay in 32 bits. What is judged is the model that would be written, in ONNX Runtime.
/// </summary>
/// <param name="state">Of the draft's class for inference.</param>
internal sealed class Int8Calibration(WinnerDraft draft, IReadOnlyDictionary<string, Tensor> state)
{
    /// <summary>What a network in 8 bits may differ by: some fifty layers, each of which rounds by a hundredth of what its values spread,
    /// come to less.</summary>
    public const double Tolerance = 0.2;

    /// <summary>For how many images the nearest neighbour must be the same.</summary>
    public const double LeastAgreement = 0.5;

    /// <summary>
    /// What the largest relative difference of an output may be of those that choices are judged by: other images may lose a little more.
    /// </summary>
    private const double Aim = 0.75 * Tolerance;

    /// <summary>Images whose values are in memory at a time.</summary>
    private const int Batch = 4;

    /// <summary>Images that choices are judged by.</summary>
    private const int Judges = 32;

    private readonly List<string> values = [], layers = [];

    /// <summary>By layer, the value that it takes.</summary>
    private readonly Dictionary<string, string> inputs = [];

    /// <summary>Of each value, by each rule.</summary>
    private readonly Dictionary<(RangeRule Rule, string Value), ByteRange> ranges = [];

    /// <summary>What was chosen.</summary>
    /// <param name="Inputs">Of each layer that is computed in 8 bits, the range of what it takes.</param>
    /// <param name="Remark">The ranges' rule, and the layers that stay in 32 bits, in words.</param>
    public sealed record Choice(EightBits Bits, IReadOnlyDictionary<string, ByteRange> Inputs, string Remark);

    /// <summary>Goes through it all.</summary>
    public Choice Run()
    {
        using var scope = NewDisposeScope();
        var images = draft.Calibration!;
        // What is asked for when a model is written is what there is to know.
        var all = new EightBits(value => Note(values, value, new ByteRange(1, 0)), layer => Note(layers, layer, true))
        {
            Input = inputs.Add,
        };
        Written(new(Bits: all), _ => true);
        foreach (var (value, histogram) in Observe(images))
            foreach (var each in Enum.GetValues<RangeRule>()) ranges.Add((each, value), histogram.Range(each));
        var shown = images.narrow(0, 0, Math.Min(Judges, images.shape[0]));
        var expected = Model(new(), model => Outputs(model, shown));
        var rule = Enum.GetValues<RangeRule>().MinBy(r => FormProof.Relative([expected[^1]], [Outputs(Bits(r, []), shown)[^1]]));
        var without = Worst(rule, expected, shown);
        var remark = FormattableString.Invariant($"ranges by {Word(rule)} over {images.shape[0]} images")
            + (without.Count == 0 ? "" : $"; in 32 bits: {string.Join(", ", without)}");
        return new(
            Bits(rule, without),
            inputs.Where(input => !without.Contains(input.Key)).ToDictionary(input => input.Key, input => ranges[(rule, input.Value)]),
            remark);
    }

    private static string Word(RangeRule rule) => rule switch
    {
        RangeRule.MinMax => "minimum and maximum",
        RangeRule.Percentile => "percentile",
        _ => "least squared error",
    };

    /// <summary>The fewest layers, those that hurt most first, without which the aim is reached; half of all at the most.</summary>
    private IReadOnlyList<string> Worst(RangeRule rule, IReadOnlyList<Tensor> expected, Tensor shown)
    {
        if (Difference([]) <= Aim) return [];
        var worst = layers.OrderByDescending(layer => Difference([.. layers.Where(other => other != layer)]))
            .Take(layers.Count / 2).ToList();
        var (fewest, most) = (1, worst.Count);
        while (fewest < most)
        {
            var middle = (fewest + most) / 2;
            if (Difference(worst[..middle]) <= Aim) most = middle;
            else fewest = middle + 1;
        }
        return worst[..most];

        double Difference(IReadOnlyCollection<string> without)
        {
            using var scope = NewDisposeScope();
            return FormProof.Relative(expected, Outputs(Bits(rule, without), shown));
        }
    }

    private EightBits Bits(RangeRule rule, IReadOnlyCollection<string> without) =>
        new(value => ranges[(rule, value)], layer => !without.Contains(layer));

    private IReadOnlyList<Tensor> Outputs(EightBits bits, Tensor images) => Model(new(Bits: bits), model => Outputs(model, images));

    private IReadOnlyList<Tensor> Outputs(OnnxModel model, Tensor images) => OnnxForm.Ordered(draft, model.Run(images));

    /// <summary>Once for the ends of all values, and once for what lies between.</summary>
    private Dictionary<string, ValueHistogram> Observe(Tensor images) => Model(new(Maps: false, Observed: values), model =>
    {
        var histograms = values.ToDictionary(value => value, _ => new ValueHistogram());
        Each((histogram, numbers) => histogram.Widen(numbers));
        Each((histogram, numbers) => histogram.Count(numbers));
        return histograms;

        void Each(Action<ValueHistogram, Tensor> take)
        {
            for (var i = 0L; i < images.shape[0]; i += Batch)
            {
                using var scope = NewDisposeScope();
                var some = images.narrow(0, i, Math.Min(Batch, images.shape[0] - i));
                foreach (var (value, numbers) in model.Run(some, values)) take(histograms[value], numbers);
            }
        }
    });

    private T Model<T>(OnnxOptions options, Func<OnnxModel, T> use) => Written(options, path =>
    {
        using var model = new OnnxModel(path, get_num_threads());
        return use(model);
    });

    /// <summary>Writes a model beside the draft's files, for as long as it is used.</summary>
    private T Written<T>(OnnxOptions options, Func<string, T> use)
    {
        var path = Path.Combine(draft.Folder, "calibration.onnx");
        OnnxForm.Write(draft, state, path, options);
        try
        {
            return use(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static T Note<T>(List<string> to, string name, T answer)
    {
        to.Add(name);
        return answer;
    }
}
