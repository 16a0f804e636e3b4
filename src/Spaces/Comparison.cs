using System;
using System.Collections.Generic;

namespace DataSsl.SearchSpaces;

/// <summary>A constraint between two axes, or between an axis and a value.</summary>
/// <param name="Left">Position of an axis.</param>
/// <param name="Relation">One of &lt; &lt;= == != &gt;= &gt;.</param>
/// <param name="Right">Position of another axis, or -1.</param>
/// <param name="Value">The value, where there is no other axis; else 0.</param>
public sealed record Comparison(int Left, string Relation, int Right, int Value = 0)
{
    /// <summary>Whether these choices, one for each axis, fulfil it.</summary>
    public bool Holds(IReadOnlyList<int> choices)
    {
        var (left, right) = (choices[Left], Right < 0 ? Value : choices[Right]);
        return Relation switch
        {
            "<" => left < right,
            "<=" => left <= right,
            "==" => left == right,
            "!=" => left != right,
            ">=" => left >= right,
            ">" => left > right,
            _ => throw new InvalidOperationException($"{Relation} is no relation"),
        };
    }

    /// <summary>As a space file has it: <c>stage2.width >= stage1.width</c>.</summary>
    public string Over(IReadOnlyList<Axis> axes) => $"{axes[Left].Path} {Relation} {(Right < 0 ? $"{Value}" : axes[Right].Path)}";
}
