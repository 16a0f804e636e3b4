using System;
using DataSsl.Generator.Emit;

namespace DataSsl.Generator.Model;

/// <summary>One open choice of a space, such as the width of stage 1.</summary>
/// <param name="Segment">stem, stage1, stage2, …</param>
/// <param name="Kind">width, depth, expansion, kernel, …</param>
/// <param name="Values">The choices, ascending.</param>
public sealed record Axis(string Segment, string Kind, EquatableArray<int> Values) : IEquatable<Axis>
{
    /// <summary>The kernel of a depthwise convolution: sliced about its centre, so only odd sides are legal. Every other choice is a leading part.</summary>
    public const string Kernel = "kernel";

    /// <summary>Whether the largest network holds a slice for this choice, on the grid or off it.</summary>
    public bool Accepts(int value) => value >= 1 && value <= Max && (Kind != Kernel || value % 2 == 1);

    public int Min => Values[0];

    public int Max => Values[Values.Count - 1];

    /// <summary>The C# name: <c>Stage1Width</c>.</summary>
    public string Name => Names.Pascal(Segment) + Names.Pascal(Kind);
}
