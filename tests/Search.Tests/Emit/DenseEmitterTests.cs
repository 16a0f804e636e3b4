using DataSsl.Generator;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Emit.Dense;
using DataSsl.Search.Networks;
using DataSsl.SearchSpaces;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Emit;

/// <summary>A form of a detector or segmenter that is another network is not written, and what counts as one.</summary>
public sealed class DenseEmitterTests : IDisposable
{
    private const int Side = 64;

    private const string Space = """
        space: Small
        family: resnet-basic
        summary: Small.
        input: { channels: 3, size: 64 }
        stem: { width: [8] }
        stages: [{ depth: [1, 2] }, { width: [16], depth: 1 }, { width: [16], depth: 1 }, { width: [16], depth: 1 }]
        """;

    private static readonly FcosSpec Head = new(
        ["a", "b"], Width: 32, Depth: 1, Groups: 32, Score: 0.1, Overlap: 0.6, Candidates: 100, Most: 3);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("dense-emitter-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_form_of_other_weights_is_not_written_and_the_others_are()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (spec, state, images) = Segmenter();
        var old = Path.Combine(folder.FullName, "Net.onnx");
        File.WriteAllText(old, "of the class before");
        var other = state.ToDictionary(entry => entry.Key, entry => entry.Key == "classifier.4.weight" ? entry.Value * 1.001 : entry.Value);
        var emitter = new DenseEmitter(spec, state, new Dictionary<string, string>())
        {
            BeforeProof = path =>
            {
                if (path.EndsWith(".onnx", StringComparison.Ordinal)) DenseOnnx.Write(path, spec, other, new Dictionary<string, string>());
            },
        };
        var emitted = emitter.Emit(folder.FullName, DenseForm.All, images, [(Side, Side)], Expected(spec, state, images));
        Assert.Equal([true, false, true], emitted.Forms.Select(form => form.Holds));
        Assert.InRange(emitted.Forms[1].Largest, 1e-4, 1e-2);
        Assert.Contains("Net: its form 'onnx' differs from the network that was trained", emitted.Forms[1].Failure("Net"));
        // Nor does that of the class before stay beside the new one.
        Assert.Equal(
            ["Emitted.WeightsFile.cs", "Net.cs", "Net.safetensors", "NetBackbone.cs", "NetPure.cs"],
            Directory.GetFileSystemEntries(folder.FullName).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_class_of_another_network_leaves_what_was_there()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (spec, state, images) = Segmenter();
        File.WriteAllText(Path.Combine(folder.FullName, "Net.cs"), "the class before");
        var expected = (Pixels)Expected(spec, state, images);
        var error = Assert.Throws<InvalidOperationException>(
            () =>
                new DenseEmitter(spec, state, new Dictionary<string, string>()).Emit(
                    folder.FullName, DenseForm.All, images, [(Side, Side)], expected with { Logits = expected.Logits + 1 }));
        Assert.StartsWith("Net: its form 'class' differs", error.Message);
        Assert.Equal("the class before", File.ReadAllText(Assert.Single(Directory.GetFileSystemEntries(folder.FullName))));
    }

    [Fact]
    public void A_box_elsewhere_or_of_another_class_or_missing_is_another_network()
    {
        FoundBox first = new((1, 2, 30, 40), 0.9f, 0), second = new((5, 5, 20, 20), 0.5f, 1);
        Assert.Equal((0d, 0, true), Against([first, second], [second, first]));
        var near = Against([first, second], [first with { Box = (1, 2.0005f, 30, 40) }, second]);
        Assert.True(near is { Holds: true, Missed: 0, Largest: > 4e-4 and < 6e-4 });
        Assert.False(Against([first, second], [first with { Box = (1, 2.002f, 30, 40) }, second]).Holds);
        Assert.False(Against([first, second], [first with { Score = 0.8997f }, second]).Holds);
        Assert.False(Against([first, second], [first with { Label = 1 }, second]).Holds);
        Assert.Equal(1, Against([first, second], [first]).Missed);
        Assert.Equal(1, Against([first], [first, second]).Missed);
        // Where the least score lies, one may have it and the other not; so too at the end of as many as are told.
        Assert.True(Against([first, second with { Score = 0.10005f }], [first]).Holds);
        Assert.True(Against([first, first, second], [first, first, second with { Box = (50, 50, 60, 60), Score = 0.50001f }]).Holds);

        // Of two stages the last bit may decide one in a hundred, and no two.
        var many = Enumerable.Range(0, 100).Select(i => new FoundBox((i, 0, i + 20, 20), 0.9f, 0)).ToArray();
        var regions = new RegionSpec(["a", "b"], 0.1, 0.5, 200)
        {
            Pyramid = null,
            Anchors = [],
            ProposalBoxes = new(1, 1, 4, 1e-3),
            Boxes = new(10, 5, 4, 1e-2),
            NextMapSide = 28,
            Candidates = 1,
            ProposalOverlap = 0.7,
            Proposals = 1,
            Bins = 7,
            Samples = 2,
            Aligned = false,
        };
        Assert.Equal((0d, 1, true), Against(many, many[1..], regions));
        Assert.False(Against(many, many[2..], regions).Holds);
        Assert.False(Against(many, many[1..]).Holds);

        static (double Largest, int Missed, bool Holds) Against(FoundBox[] expected, FoundBox[] actual, DetectorSpec? head = null)
        {
            var difference = new Objects([expected]).Against(new Objects([actual]), head ?? Head);
            return (difference.Largest, difference.Missed, difference.Holds);
        }
    }

    [Fact]
    public void A_pixel_of_another_class_is_another_network_but_for_a_tie()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new float[] { 1, 2, 3, 0, 0.99999f, -2, -3, 0.5f }, [1, 2, 2, 2]);
        var labels = tensor(new long[] { 0, 0, 0, 1 }, [1, 2, 2]);
        var expected = new Pixels(logits, labels);
        Assert.True(expected.Against(expected, Head).Holds);
        Assert.Equal(1, expected.Against(new Pixels(logits, tensor(new long[] { 0, 1, 0, 1 }, [1, 2, 2])), Head).Missed);
        Assert.True(expected.Against(new Pixels(logits, tensor(new long[] { 1, 0, 0, 1 }, [1, 2, 2])), Head).Holds);
        Assert.False(expected.Against(new Pixels(logits * 1.001, labels), Head).Holds);
    }

    private static DenseOutput Expected(DenseSpec spec, IReadOnlyDictionary<string, Tensor> state, Tensor images)
    {
        var home = Directory.CreateTempSubdirectory("dense-expected-");
        try
        {
            var draft = new DenseDraft(spec, home.FullName, new Dictionary<string, string>());
            SafeTensors.Write(draft.Weights, state.Select(entry => (entry.Key, entry.Value)), new Dictionary<string, string>());
            DenseForm.Class.Write(draft, state);
            return DenseForm.Class.Run(draft, images, [(Side, Side)]);
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    /// <summary>A segmenter with random weights.</summary>
    private static (DenseSpec Spec, IReadOnlyDictionary<string, Tensor> State, Tensor Images) Segmenter()
    {
        var space = SpaceCompiler.Parse("small", Space).Space!;
        var plan = SpaceCompiler.Lower(space);
        var spec = new DenseSpec(
            plan,
            new(
                "NetBackbone", "Emitted", space.Text().Parse("Min").ToEquatableArray(), Side, Array.Empty<string>().ToEquatableArray(),
                SharesReader: true),
            "Net", new FcnSpec(["a", "b", "c"], Finer: 1), new(Side, Side, [0, 0, 0], [1, 1, 1]));
        var random = new torch.Generator(3);
        var state = new Dictionary<string, Tensor>();
        using var backbone = FixedNetwork.OfText(Space, "Min", Side);
        foreach (var (key, value) in backbone.state_dict()) state.Add($"backbone.{key}", value.clone());
        Add("classifier.0.weight", 4, 16, 3, 3);
        foreach (var name in new[] { "weight", "bias", "running_mean", "running_var" }) Add($"classifier.1.{name}", 4);
        Add("classifier.4.weight", 3, 4, 1, 1);
        Add("classifier.4.bias", 3);
        Add("skips.0.weight", 3, 16, 1, 1);
        Add("skips.0.bias", 3);
        return (spec, state, randn([1, 3, Side, Side], generator: random));

        void Add(string key, params long[] shape) => state.Add(
            key, key.EndsWith("running_var", StringComparison.Ordinal)
                ? ones(shape)
                : randn(shape, generator: random) * (shape.Length > 1 ? 1 / Math.Sqrt(shape[1..].Aggregate((a, b) => a * b)) : 0.3));
    }
}
