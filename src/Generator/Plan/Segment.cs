using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Plan;

/// <summary>A part of the network that ranking can run by itself: the stem, a stage, or what follows the last stage.</summary>
/// <param name="Name">stem, stage1, …, head.</param>
/// <param name="Tap">Name of its output map for dense tasks: C1 … C5; empty where they do not use it.</param>
/// <param name="DepthAxis">The axis that says how many leading blocks run; -1 where all do.</param>
/// <param name="Blocks">As many as the deepest architecture has. All but the first are alike, and only the first has a stride.</param>
public sealed record Segment(string Name, string Tap, int DepthAxis, EquatableArray<Block> Blocks) : IEquatable<Segment>
{
    /// <summary>The first block and one of the others: each that differs, once.</summary>
    public IEnumerable<Block> Kinds => Blocks.Take(2);

    /// <summary>Channels of the output.</summary>
    public Quantity Out => Blocks[0].Port(Blocks[0].Template.Output);

    /// <summary>Channels of the input.</summary>
    public Quantity In => Blocks[0].Port(Blocks[0].Template.Input);

    /// <summary>How many leading blocks run for an architecture's choices.</summary>
    public int DepthAt(EquatableArray<int> choices) => DepthAxis < 0 ? Blocks.Count : choices[DepthAxis];

    /// <summary>The name tells segments apart; a hash of everything below would cost more than what it is asked for.</summary>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Name);
}
