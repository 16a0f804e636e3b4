using System;
using DataSsl.Generator.Emit;

namespace DataSsl.Generator.Model;

/// <summary>One open choice of a space, such as the width of stage 1.</summary>
/// <param name="Segment">stem, stage1, stage2, …</param>
/// <param name="Kind">width or depth.</param>
/// <param name="Values">The choices, ascending.</param>
public sealed record Axis(string Segment, string Kind, EquatableArray<int> Values) : IEquatable<Axis>
{
    public int Min => Values[0];

    public int Max => Values[Values.Count - 1];

    /// <summary>The C# name: <c>Stage1Width</c>.</summary>
    public string Name => Names.Pascal(Segment) + Names.Pascal(Kind);
}
