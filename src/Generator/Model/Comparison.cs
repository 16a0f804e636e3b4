using System;

namespace DataSsl.Generator.Model;

/// <summary>A constraint between two axes, or between an axis and a value.</summary>
/// <param name="Left">Position of an axis.</param>
/// <param name="Relation">One of &lt; &lt;= == != &gt;= &gt;.</param>
/// <param name="Right">Position of another axis, or -1.</param>
/// <param name="Value">The value, where there is no other axis; else 0.</param>
public sealed record Comparison(int Left, string Relation, int Right, int Value) : IEquatable<Comparison>;
