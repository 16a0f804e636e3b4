using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using DataSsl.Generator.Model;

namespace DataSsl.Generator.Parsing;

/// <summary>An architecture as one line: an anchor's name, Max, Min, <c>#index</c>, or the canonical <c>stem=32 stage1=48x2 …</c>, as at run time.</summary>
internal static class ArchitectureText
{
    public static string Format(Space space, IReadOnlyList<int> choices) =>
        string.Join(" ", Segments(space).Select(s => $"{s.Key}={string.Join("x", s.Select(i => choices[i].ToString(CultureInfo.InvariantCulture)))}"));

    /// <summary>A value for each axis; null with a <paramref name="problem"/> where the text is none of these.</summary>
    public static IReadOnlyList<int>? Parse(Space space, string text, out string problem)
    {
        problem = $"give {string.Join(", ", space.Anchors.Select(a => a.Name).Take(8).Concat(["Max", "Min"]))}, '#0' to '#{space.Count - 1}', or a text such as '{Format(space, space.Max)}'";
        if (Is("Max")) return space.Max;
        if (Is("Min")) return space.Min;
        if (space.Anchors.FirstOrDefault(a => Is(a.Name)) is { } anchor) return anchor.Choices;
        if (text.StartsWith("#", StringComparison.Ordinal))
            return long.TryParse(text.Substring(1), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < space.Count ? space.Grid()!.At(index) : null;
        return ParseCanonical(space, text, ref problem);

        bool Is(string name) => text.Equals(name, StringComparison.OrdinalIgnoreCase);
    }

    private static int[]? ParseCanonical(Space space, string text, ref string problem)
    {
        var (choices, given) = (new int[space.Axes.Count], new HashSet<string>());
        foreach (var part in text.Split([' '], StringSplitOptions.RemoveEmptyEntries))
        {
            var sides = part.Split('=');
            var axes = Segments(space).FirstOrDefault(s => s.Key == sides[0])?.ToList();
            var values = sides.Length == 2 ? sides[1].Split('x') : [];
            if (axes is null || values.Length != axes.Count || !given.Add(sides[0])) return null;
            for (var i = 0; i < values.Length; i++)
            {
                if (!int.TryParse(values[i], NumberStyles.None, CultureInfo.InvariantCulture, out choices[axes[i]])) return null;
                if (space.Axes[axes[i]] is var axis && axis.Accepts(choices[axes[i]])) continue;
                problem = $"{axis.Segment} {axis.Kind} goes up to {axis.Max.ToString(CultureInfo.InvariantCulture)}";
                return null;
            }
        }
        return given.Count == Segments(space).Count() ? choices : null;
    }

    private static IEnumerable<IGrouping<string, int>> Segments(Space space) => Enumerable.Range(0, space.Axes.Count).GroupBy(i => space.Axes[i].Segment);
}
