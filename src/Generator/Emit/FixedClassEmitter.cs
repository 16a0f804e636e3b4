using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Emit;

/// <summary>What a fixed class is called and what it says of its origin.</summary>
/// <param name="Choices">The architecture: one value an axis.</param>
/// <param name="Size">Side of the input image in pixels for the shapes and costs in its comments.</param>
/// <param name="Provenance">Lines for the header.</param>
/// <param name="Head">Classes of a classification head; 0 for none.</param>
/// <param name="Folded">For inference: without BatchNorm, which becomes part of the convolutions.</param>
/// <param name="SharesReader">Whether the reader of weights stands in a file of its own beside it, for all classes of the namespace, and
/// not within the class.</param>
/// <param name="Pictures">What pictures are normalised by; null for <see cref="PictureRule.Usual"/>.</param>
/// <param name="Bytes">Of a class for inference that computes in 8 bits, the keys of the layers that do, whose weights are bytes in its
/// file; null of any other.</param>
public sealed record FixedClassSpec(
    string ClassName, string Namespace, EquatableArray<int> Choices, int Size, EquatableArray<string> Provenance, int Head = 0,
        bool Folded = false, bool SharesReader = false, PictureRule? Pictures = null, EquatableArray<string>? Bytes = null)
{
    /// <summary>What pictures are normalised by, if it takes any.</summary>
    public PictureRule PicturesOf(NetworkPlan plan) => Pictures ?? PictureRule.Usual(plan);
}

/// <summary>
/// Writes one architecture of a plan as a class of its own that names nothing but the TorchSharp API: what a user keeps when everything of
/// ours is gone. Its state-dict keys are those of torchvision's or timm's network of the kind.
/// </summary>
internal sealed partial class FixedClassEmitter
{
    private readonly NetworkPlan plan;
    private readonly FixedClassSpec spec;
    private readonly SourceWriter w = new();
    private readonly FixedLayers layers;
    private readonly List<PlacedBlock> blocks;

    /// <summary>What is folded into what, with the key of the block; empty where nothing is.</summary>
    private readonly List<(string Block, string Convolution, string Norm)> norms = [];

    private FixedClassEmitter(NetworkPlan plan, FixedClassSpec spec)
    {
        if (spec.Folded)
            norms.AddRange(
                plan.ActiveBlocks(spec.Choices).SelectMany(b => Folding.Pairs(b).Select(pair => (b.Key, pair.Convolution, pair.Norm))));
        this.plan = spec.Folded ? Folding.Fuse(Folding.Fold(plan)) : plan;
        (this.spec, layers, blocks) = (spec, new(w), [.. this.plan.ActiveBlocks(spec.Choices)]);
    }

    public static string Emit(NetworkPlan plan, FixedClassSpec spec)
    {
        var emitter = new FixedClassEmitter(plan, spec);
        emitter.EmitFile();
        return emitter.w.ToString();
    }

    private void EmitFile()
    {
        foreach (var line in spec.Provenance) w.Line($"// {line.Replace('\n', ' ')}");
        w.Line("#nullable enable").Line("#pragma warning disable CA1707 // Members are named as TorchSharp names its own.");
        w.Line(Names.NamePragma(spec.ClassName));
        var members = Members().ToList();
        string[] named =
        [
            "System", "System.Collections.Generic", "System.Security.Cryptography", "TorchSharp", "TorchSharp.Modules",
            .. spec.PicturesOf(plan).Channels > 0 ? new[] { "System.Linq" } : [],
        ];
        var convolution = norms.Count > 0 ? KernelSource.For([FixedLayers.Fused]) : [];
        w.Usings(
            named.Concat(spec.SharesReader ? [] : WeightsReader.Namespaces).Concat(convolution.SelectMany(file => file.Namespaces)));
        w.Line("using static TorchSharp.torch;").Line("using static TorchSharp.torch.nn;").Line();
        w.Line($"namespace {spec.Namespace};").Line();
        var parameters = plan.Parameters(spec.Choices) + spec.Head * (At(plan.Embedding) + 1);
        w.Summary(
            $"A {plan.Space.Family} network{(norms.Count > 0 ? " for inference (BatchNorm is folded into its convolutions, the weights are frozen)" : "")}{(spec.Head > 0 ? $" with a head for {spec.Head} classes" : "")}: "
            + $"{Names.Giga(plan.Macs(spec.Choices, spec.Size))} GMACs at {spec.Size} pixels, {Names.Mega(parameters)} M parameters.");
        w.Block($"public sealed class {spec.ClassName} : Module<Tensor, Tensor>", () =>
        {
            Member.EmitFields(w, members);
            w.Line();
            w.Summary("Makes the network with weights at random.");
            w.Block($"public {spec.ClassName}(Device? device = null, ScalarType? dtype = null) : base(nameof({spec.ClassName}))", () =>
            {
                Member.EmitAssignments(w, members);
                if (norms.Count > 0) w.Line("prepare_for_inference();");
            });
            w.Line();
            EmitForward();
            EmitFeatures();
            EmitPictures();
            EmitLoader();
            EmitBlockClasses();
            foreach (var file in convolution) w.Line().Line(file.Nested);
            if (!spec.SharesReader) WeightsReader.EmitNested(w);
        });
    }

    private long At(Quantity quantity) => quantity.At(spec.Choices);

    private string Port(Block block, string port) => Digits.Of(At(block.Port(port)));

    /// <summary>The layers of blocks without a container, each container as a list of blocks, and the head.</summary>
    private IEnumerable<Member> Members()
    {
        foreach (var group in blocks.GroupBy(b => b.Block.Container.Length == 0 ? b.Segment.Name : b.Block.Container))
        {
            var first = group.First().Block;
            if (first.Container.Length > 0) yield return ListMember(first.Container, [.. group]);
            else
                foreach (var node in ModuleNode.Of(first.Template.Layers).Where(n => n.HasState))
                    yield return NodeMember(node, first.Template, p => Port(first, p), "1");
        }
        if (spec.Head == 0) yield break;
        var head = HeadTemplate;
        yield return NodeMember(HeadNode, head, p => Digits.Of(p == "in" ? At(plan.Embedding) : spec.Head), "1");
    }

    private BlockTemplate HeadTemplate => new("Head", "", new(["in", "out"]), new([new Branch(Layer.Linear(plan.HeadKey, "in", "out"))]));

    private ModuleNode HeadNode => ModuleNode.Of(HeadTemplate.Layers)[0];

    private static Member NodeMember(ModuleNode node, BlockTemplate template, System.Func<string, string> port, string stride) =>
        new(Names.Field(node.Name), node.Name, FixedLayers.Type(node), FixedLayers.New(node, template, port, stride));

    /// <summary>A container that is one segment's runs as a whole; one that several share is run in parts.</summary>
    private Member ListMember(string container, List<PlacedBlock> items)
    {
        var type = IsShared(container) ? "ModuleList<Module<Tensor, Tensor>>" : "Sequential";
        return new(ListField(container), container, type, FixedLayers.List(type, items.Select(b => New(b.Block)).ToList(), lines: true));
    }

    private bool IsShared(string container) =>
        blocks.Where(b => b.Block.Container == container).Select(b => b.Segment).Distinct().Count() > 1;

    /// <summary>A field cannot have the name of a method of the class.</summary>
    private static string ListField(string container) =>
        container is "features" or "tokens" or "forward" or "classify" ? container + "_" : container;

    /// <summary>A block as a class of its own, or as a plain Sequential where its layers are numbered.</summary>
    private string New(Block block)
    {
        var nodes = ModuleNode.Of(block.Template.Layers);
        if (ModuleNode.AreNumbered(nodes))
            return FixedLayers.Sequential(
                nodes.Select(n => (n.Name, FixedLayers.New(n, block.Template, p => Port(block, p), Digits.Of(block.Stride)))).ToList());
        var ports = string.Concat(block.Ports.Select((c, i) => $"{Names.Local(block.Template.Ports[i])}: {Digits.Of(At(c))}, "));
        var stride = block.Template.Strided ? $"stride: {block.Stride}, " : "";
        var flag = Names.Flag(block.Template) is { } name ? $"{name}: {(block.TakesOptional ? "true" : "false")}, " : "";
        return $"new {block.Template.Name}({ports}{stride}{flag}device, dtype)";
    }
}
