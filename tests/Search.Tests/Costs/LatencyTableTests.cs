using System.Text.Json.Nodes;
using DataSsl.Generator.Plan;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Candidates;
using DataSsl.Search.Costs;
using DataSsl.Search.Networks;
using DataSsl.Search.Plans;
using DataSsl.SearchSpaces;
using DataSsl.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Costs;

public sealed class LatencyTableTests : IDisposable
{
    private static readonly Lazy<LatencyTable> Tiny16 = new(() => ByParameters(Tiny.Space, 16));
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>
    /// By hand: each of four stages has a first block for every pair of input and own width (2 x 2) and a second for its own (2); two
    /// stems. Off the grid, OffGrid has five stages' parts of its own, of which three stages are one block deep but are timed with a
    /// second.
    /// </summary>
    [Fact]
    public void EveryShapeOfTheGridIsTimedOnce()
    {
        var path = Timed();
        var blocks = JsonNode.Parse(File.ReadAllText(path))!["blocks"]!.AsObject();
        Assert.Equal(4 * (2 * 2 + 2) + 2 + (4 * 2 + 1), blocks.Count);
        Assert.All(blocks, b => Assert.True((double)b.Value! >= 0));
    }

    /// <summary>Where every block takes a second and the rest none, a network takes as many as it has blocks.</summary>
    [Fact]
    public void APredictionIsTheSumOfItsBlocks()
    {
        var path = Timed();
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        foreach (var (shape, _) in root["blocks"]!.AsObject().ToList()) root["blocks"]![shape] = shape.StartsWith("outside") ? 0.5 : 1;
        root.AsObject().Remove("seal");
        SealedJson.Write(path, root.ToJsonString());
        var table = LatencyTable.Measure(Tiny.Space, 16, LatencyForm.Folded, null, CPU, path, (_, _) => Assert.Fail("timed again"));
        foreach (var a in Tiny.Space.All().Append(Tiny.Space.Parse("OffGrid")))
            Assert.Equal(0.5 + Enumerable.Range(1, 4).Sum(a.Depth), table.Predict(a));
        // A digit that changed is not taken for a time.
        File.WriteAllText(path, File.ReadAllText(path).Replace(":0.5", ":0.6"));
        Assert.StartsWith(
            $"{path}: does not have the seal of a file of times",
            Assert.Throws<UserException>(() => LatencyTable.Measure(Tiny.Space, 16, LatencyForm.Folded, null, CPU, path)).Message);
        // Budgets are of these times.
        var budget = Budget.Parse("latency=5000-6000ms");
        var set = CandidateSet.Exhaustive(Tiny.Space, [budget], new(16, table));
        Assert.Equal(Tiny.Space.All().Where(a => Enumerable.Range(1, 4).Sum(a.Depth) == 5), set.All);
        Assert.Contains(
            "nearest costs: 4500 ms",
            Assert.Throws<UserException>(
                () => CandidateSet.Exhaustive(Tiny.Space, [Budget.Parse("latency<=2000ms")], new(16, table))).Message);
    }

    /// <summary>
    /// By a clock that tells a network's parameters: what is foretold is what the emitted class of any architecture has, and every block
    /// takes the input that it is given.
    /// </summary>
    [Fact]
    public void ByAnExactClockTheSumIsExact()
    {
        var table = ByParameters(Tiny.Space, 16);
        foreach (var a in new UniformDraw(Tiny.Space, CounterRandom.For(1, "latency")).Take(4).Append(Tiny.Space.Parse("OffGrid")))
            MustAgree(table, a);
        Architecture[] listed = [MobileNets.Space.Min, VisionTransformers.Space.Min];
        foreach (var a in listed) MustAgree(ByParameters(a.Space, a.Space.InputSize, a), a);

        static void MustAgree(LatencyTable table, Architecture a) => Assert.Equal(table.Whole(a), table.Predict(a));
    }

    [Fact]
    public void TimesOfAnotherSizeAreNotTaken()
    {
        var path = Timed();
        Assert.Contains(
            "begun with another size (16, now 32)",
            Assert.Throws<UserException>(() => LatencyTable.Measure(Tiny.Space, 32, LatencyForm.Folded, null, CPU, path)).Message);
        File.WriteAllText(path, "{}");
        Assert.Contains(
            "not a file of times",
            Assert.Throws<UserException>(() => LatencyTable.Measure(Tiny.Space, 16, LatencyForm.Folded, null, CPU, path)).Message);
    }

    /// <summary>Times are of a processor and of a program: another one's are not gone on with.</summary>
    [Theory]
    [InlineData("processor")]
    [InlineData("version")]
    [InlineData("machine")]
    public void TimesOfAnotherMachineOrProgramAreNotTaken(string what)
    {
        var path = Timed();
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        Assert.NotNull(root["of"]![what]);
        root["of"]![what] = "another";
        File.WriteAllText(path, root.ToJsonString());
        Assert.Contains(
            $"begun with another {what} (another, now ",
            Assert.Throws<UserException>(() => LatencyTable.Measure(Tiny.Space, 16, LatencyForm.Folded, null, CPU, path)).Message);
    }

    [Theory]
    [InlineData("\"blocks\": {", "\"blocks\": {}, \"blocks\": {")]
    [InlineData("\"blocks\": {", "\"blocks\": { \"a\": 1, \"a\": 1,")]
    [InlineData("\"blocks\": {", "\"blocks\": { \"a\": -1,")]
    [InlineData("\"blocks\": {", "\"blocks\": { \"a\": 1e999,")]
    [InlineData("\"blocks\": {", "\"blocks\": { \"a\": \"1\",")]
    [InlineData("\"blocks\": {", "\"blocks\": { \"a\": null,")]
    [InlineData("\"whole\": {}", "\"whole\": []")]
    [InlineData("\"of\": {", "\"of\": { \"\\ud800\": \"\",")]
    public void ADamagedFileOfTimesIsToldInOneLine(string old, string damaged)
    {
        var path = Timed();
        Assert.Contains(old, File.ReadAllText(path));
        File.WriteAllText(path, File.ReadAllText(path).Replace(old, damaged));
        var error = Assert.Throws<UserException>(() => LatencyTable.Measure(Tiny.Space, 16, LatencyForm.Folded, null, CPU, path)).Message;
        Assert.StartsWith($"{path}: not a file of times", error);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void ASpaceOfTooManyShapesIsRefused() =>
        Assert.Contains(
            "shapes of blocks, too many to time them all",
            Assert.Throws<UserException>(() => LatencyTable.Measure(Vast.Space, 32, LatencyForm.Folded, null, CPU)).Message);

    private string Timed()
    {
        var path = folder.File("latency.json");
        Tiny16.Value.Keep(path);
        return path;
    }

    /// <summary>
    /// Every pass of a pure class but those of stem, pooling and the like is a block's, and no two blocks share one: the sum of the
    /// blocks foretells a deeper network than any that was timed.
    /// </summary>
    [Theory]
    [InlineData(LatencyForm.CSharp)]
    [InlineData(LatencyForm.CSharpInt8)]
    public void PureClassesAreTimedByTheirBlocks(LatencyForm form)
    {
        var deep = Small32.Space.Max;
        var table = LatencyTable.Measure(Small32.Space, 32, form, [deep], CPU);
        Assert.Contains($"timed as {BudgetText.NameOf(form)} on ", table.Description);
        Assert.InRange(table.Predict(deep) / table.Whole(deep), 0.4, 2.5);
    }

    /// <summary>What a block's passes are is told by the source of the class.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void ABlockHasItsOwnPasses(string _, Architecture architecture)
    {
        using var network = FixedNetwork.UntrainedPure(architecture, architecture.Space.InputSize, 1, inBytes: true);
        var side = architecture.Space.InputSize;
        network.Embed(new float[3 * side * side], new float[architecture.EmbeddingChannels]);
        var plan = SpacePlan.Of(architecture.Space);
        var blocks = plan.ActiveBlocks(architecture.Choices.ToArray().ToEquatableArray()).Where(placed => placed.Block.Container.Length > 0)
            .ToList();
        Assert.NotEmpty(blocks);
        foreach (var placed in blocks)
        {
            var weighted = placed.Block.Layers.Count(layer => layer.Kind is LayerKind.Conv or LayerKind.Depthwise or LayerKind.Linear);
            var passes = network.PassesOf(placed.Key);
            Assert.True(passes.Count >= weighted, $"{placed.Key} has {weighted} layers with weights, and {passes.Count} passes");
            foreach (var pass in passes) pass();
        }
    }

    public static TheoryData<string, Architecture> Families() => new()
    {
        { "bottleneck", Tiny.Space.Max }, { "basic", AroundResNet18.Space.Min }, { "mobile", MobileNets.Space.Min },
        { "vit", VisionTransformers.Space.Min },
    };

    private static LatencyTable ByParameters(SearchSpace space, int size, params Architecture[] listed) =>
        LatencyTable.Measure(
            a => new Counted(a, size), Counted.Clock, space, size, LatencyForm.Folded, listed.Length > 0 ? listed : null, CPU);

    /// <summary>The class whose pass takes as many seconds as it has parameters.</summary>
    private sealed class Counted(Architecture architecture, int size) : ITimedNetwork
    {
        private static double seconds;
        private readonly nn.Module<Tensor, Tensor> network = FixedNetwork.Untrained(architecture, size, folded: true, ScalarType.Float32);

        public static double[] Clock(IReadOnlyList<Action> passes) => [.. passes.Select(pass =>
        {
            seconds = 0;
            pass();
            return seconds;
        })];

        public Action Whole() => Pass(network, [1, 3, size, size]);

        public Action Block(string key, long[] input) =>
            Pass((nn.Module<Tensor, Tensor>)network.named_modules().Single(named => named.name == key).module, input);

        private static Action Pass(nn.Module<Tensor, Tensor> of, long[] input) => () =>
        {
            using var grad = no_grad();
            using var x = rand(input);
            of.call(x).Dispose();
            seconds += of.parameters().Sum(p => p.numel());
        };

        public void Dispose() => network.Dispose();
    }
}
