using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Plan;

/// <summary>What is added to the result of a branch.</summary>
public enum Shortcut
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The branch's input.</summary>
    Identity,

    /// <summary>The input after the branch's projection, which gives it the output's shape.</summary>
    Projection,
}

/// <summary>A run of layers and how its result joins its input.</summary>
/// <param name="Layers">The layers in order.</param>
/// <param name="Shortcut">What the blocks of the template add.</param>
/// <param name="Alternative">What some of them add instead.</param>
/// <param name="Projection">Layers of a projected shortcut.</param>
/// <param name="After">Activations after the sum.</param>
public sealed record Branch(
    EquatableArray<Layer> Layers, Shortcut Shortcut, Shortcut? Alternative = null, EquatableArray<Layer> Projection = default,
    EquatableArray<Layer> After = default) : IEquatable<Branch>
{
    /// <summary>A branch to whose result nothing is added.</summary>
    public Branch(params Layer[] layers) : this(new(layers), Shortcut.None) { }

    /// <summary>
    /// Whether a student may leave it out for some images as it trains (stochastic depth), which changes nothing in any other network.
    /// </summary>
    public bool IsDroppable { get; init; }

    /// <summary>Whether any block adds something.</summary>
    public bool Adds => Shortcut != Shortcut.None || Alternative is not null;

    /// <summary>Whether each block says if it adds its input.</summary>
    public bool MayAdd => Shortcut == Shortcut.None && Alternative is not null;
}

/// <summary>The shape that blocks share; becomes one nested class of the emitted code.</summary>
/// <param name="Ports">Names of the quantities that a block binds: channel counts, kernel sides.</param>
/// <param name="Branches">The branches, each on the result of the one before.</param>
public sealed record BlockTemplate(string Name, string Summary, EquatableArray<string> Ports, EquatableArray<Branch> Branches)
    : IEquatable<BlockTemplate>
{
    /// <summary>The layers of all branches in order, without the projections.</summary>
    public IEnumerable<Layer> Layers => Branches.SelectMany(b => b.Layers);

    /// <summary>The layers of all projected shortcuts, in order.</summary>
    public IEnumerable<Layer> Projection => Branches.SelectMany(b => b.Projection);

    /// <summary>Port of the block's input channels.</summary>
    public string Input => Layers.First(l => l.In.Length > 0).In;

    /// <summary>Port of the block's output channels.</summary>
    public string Output => Layers.Last(l => l.Out.Length > 0).Out;

    /// <summary>Whether one of the layers takes the block's stride.</summary>
    public bool Strided => Layers.Any(l => l.Strided);

    /// <summary>The shortcut that some blocks have and others have not; null where all blocks are alike.</summary>
    public Shortcut? Optional => Branches.Select(b => b.Alternative).FirstOrDefault(a => a is not null);

    /// <summary>Position of a port in <see cref="Ports"/>.</summary>
    /// <exception cref="ArgumentException">The template has no such port.</exception>
    public int PortIndex(string name)
    {
        for (var i = 0; i < Ports.Count; i++)
            if (Ports[i] == name)
                return i;
        throw new ArgumentException($"template {Name} has no port {name}", nameof(name));
    }

    /// <summary>The name tells templates apart; a hash of everything below would cost more than what it is asked for.</summary>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Name);
}

/// <summary>One block: a template with its ports bound to choices.</summary>
/// <param name="Container">
/// State-dict name of the list that holds it, such as <c>layer1</c>; its key is its place among the blocks of that list which run. Empty
/// for a block whose layers are the network's own.
/// </param>
/// <param name="Ports">One quantity for each port of the template.</param>
public sealed record Block(
    BlockTemplate Template, string Container, EquatableArray<Quantity> Ports, int Stride = 1, Shortcut Shortcut = Shortcut.None)
    : IEquatable<Block>
{
    /// <summary>What the block binds to a port.</summary>
    /// <exception cref="ArgumentException">Its template has no such port.</exception>
    public Quantity Port(string name) => Ports[Template.PortIndex(name)];

    /// <summary>Side of a layer's kernel, be it a choice or not.</summary>
    public Quantity KernelOf(Layer layer) => layer.KernelPort.Length == 0 ? layer.Kernel : Port(layer.KernelPort);

    /// <summary>Stride of a layer: the block's where the layer takes that.</summary>
    public int StrideOf(Layer layer) => layer.Strided ? Stride : layer.Stride;

    /// <summary>Whether the block has the shortcut that its template leaves open.</summary>
    public bool TakesOptional => Shortcut == Template.Optional;

    /// <summary>What the block adds to the result of one of its branches.</summary>
    public Shortcut ShortcutOf(Branch branch) => TakesOptional && branch.Alternative is { } other ? other : branch.Shortcut;

    /// <summary>Every layer: the branches', then the projection's.</summary>
    public IEnumerable<Layer> Layers => Shortcut == Shortcut.Projection ? Template.Layers.Concat(Template.Projection) : Template.Layers;
}

/// <summary>A block of the network in its place.</summary>
/// <param name="SupernetKey">State-dict key where every block runs, such as <c>layer1.0</c>; empty for a block without a container.</param>
/// <param name="Key">State-dict key in the architecture's own network.</param>
public sealed record PlacedBlock(Segment Segment, int Index, Block Block, string SupernetKey, string Key)
{
    /// <summary>Its place tells blocks apart.</summary>
    public override int GetHashCode() => Segment.GetHashCode() + Index;
}
