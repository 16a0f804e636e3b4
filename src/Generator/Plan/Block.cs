using System;
using System.Collections.Generic;
using DataSsl.Generator.Model;

namespace DataSsl.Generator.Plan;

/// <summary>The shape that blocks share; becomes one nested class of the emitted code.</summary>
/// <param name="Ports">Names of the channel counts that a block binds: the first is its input, the last its output.</param>
/// <param name="Main">The layers in order.</param>
/// <param name="Projection">Layers of a projected shortcut.</param>
/// <param name="Residual">Adds the shortcut to the main path and ends with ReLU.</param>
public sealed record BlockTemplate(
    string Name, string Summary, EquatableArray<string> Ports, EquatableArray<Layer> Main, EquatableArray<Layer> Projection, bool Residual)
    : IEquatable<BlockTemplate>
{
    public int PortIndex(string name)
    {
        for (var i = 0; i < Ports.Count; i++)
            if (Ports[i] == name)
                return i;
        throw new ArgumentException($"template {Name} has no port {name}", nameof(name));
    }
}

/// <summary>One block: a template with its ports bound to choices.</summary>
/// <param name="Key">State-dict prefix such as <c>layer1.0</c>; empty for the stem.</param>
/// <param name="Ports">One channel count for each port of the template.</param>
/// <param name="Project">The shortcut is the template's projection, not the identity.</param>
public sealed record Block(BlockTemplate Template, string Key, EquatableArray<Channels> Ports, int Stride, bool Project) : IEquatable<Block>
{
    public Channels Port(string name) => Ports[Template.PortIndex(name)];

    /// <summary>Full state-dict key of a layer.</summary>
    public string KeyOf(Layer layer) => Key.Length == 0 ? layer.Name : $"{Key}.{layer.Name}";

    /// <summary>Every layer with the side of its input relative to the block: main path first, then the projection.</summary>
    public IEnumerable<Layer> Layers
    {
        get
        {
            foreach (var layer in Template.Main) yield return layer;
            if (!Project) yield break;
            foreach (var layer in Template.Projection) yield return layer;
        }
    }
}

/// <summary>A part of the network that ranking can run by itself: the stem or a stage.</summary>
/// <param name="Name">stem, stage1, …</param>
/// <param name="Tap">Name of its output map: C1 … C5.</param>
/// <param name="DepthAxis">The axis that says how many leading blocks run; -1 where all do.</param>
/// <param name="Out">Channels of the output map.</param>
/// <param name="Blocks">As many as the deepest architecture has.</param>
public sealed record Segment(string Name, string Tap, int DepthAxis, Channels Out, EquatableArray<Block> Blocks) : IEquatable<Segment>
{
    public int DepthAt(EquatableArray<int> choices) => DepthAxis < 0 ? Blocks.Count : choices[DepthAxis];
}
