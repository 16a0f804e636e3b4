using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace DataSsl.SearchSpaces;

/// <summary>
/// An architecture as one line: an anchor's name, Max, Min, <c>#index</c>, or the canonical <c>stem=32 stage1=48x2 stage2=96x4 …</c>.
/// </summary>
public sealed class ArchitectureText(IReadOnlyList<Axis> axes, IReadOnlyList<Anchor> anchors, ChoiceDiagram grid)
{
    private readonly (string Name, int[] Axes)[] segments =
        [.. Enumerable.Range(0, axes.Count).GroupBy(i => axes[i].Segment, (name, own) => (name, own.ToArray()))];

    /// <summary>The canonical text.</summary>
    /// <param name="choices">A value for each axis.</param>
    public string Format(IReadOnlyList<int> choices) =>
        string.Join(" ", segments.Select(s => $"{s.Name}={string.Join("x", s.Axes.Select(i => choices[i]))}"));

    /// <summary>A value for each axis.</summary>
    /// <exception cref="FormatException">The text is none of these; the message says what would be one, or what is out of
    /// range.</exception>
    public IReadOnlyList<int> Parse(string text)
    {
        text = text.Trim();
        if (Is("Max")) return Max;
        if (Is("Min")) return [.. axes.Select(a => a.Min)];
        if (anchors.FirstOrDefault(a => Is(a.Name)) is { } anchor) return anchor.Choices;
        if (!text.StartsWith("#", StringComparison.Ordinal)) return ParseCanonical(text);
        var isNumber = long.TryParse(text.Substring(1), NumberStyles.None, CultureInfo.InvariantCulture, out var index);
        return isNumber && index < grid.Count ? grid.At(index) : throw Refused();

        bool Is(string name) => text.Equals(name, StringComparison.OrdinalIgnoreCase);
    }

    private int[] Max => [.. axes.Select(a => a.Max)];

    private int[] ParseCanonical(string text)
    {
        var (choices, given) = (new int[axes.Count], new HashSet<string>());
        foreach (var part in text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries))
        {
            var sides = part.Split('=');
            var own = segments.FirstOrDefault(s => s.Name == sides[0]).Axes;
            var values = sides.Length == 2 ? sides[1].Split('x') : [];
            if (own is null || values.Length != own.Length || !given.Add(sides[0])) throw Refused();
            for (var i = 0; i < values.Length; i++)
            {
                if (!int.TryParse(values[i], NumberStyles.None, CultureInfo.InvariantCulture, out choices[own[i]])) throw Refused();
                if (!axes[own[i]].Accepts(choices[own[i]])) throw new FormatException(axes[own[i]].Refusal(choices[own[i]]));
            }
        }
        return given.Count == segments.Length ? choices : throw Refused();
    }

    private FormatException Refused() =>
        new(
            $"give {string.Join(", ", anchors.Select(a => a.Name).Concat(["Max", "Min"]))}, '#0' to '#{grid.Count - 1}', or a text such as '{Format(Max)}'");
}
