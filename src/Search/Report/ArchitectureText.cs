using System.Globalization;

namespace DataSsl.Search.Report;

/// <summary>One segment of a canonical architecture: its name, width (channels) and depth (blocks).</summary>
internal readonly record struct Segment(string Name, int Width, int Depth);

/// <summary>Reads the canonical text of an architecture, <c>stem=32 stage1=48x2 ...</c>.</summary>
internal static class ArchitectureText
{
    /// <summary>The segments in order; null where the text is not of that form, as a space with other axes may have it.</summary>
    public static IReadOnlyList<Segment>? Parse(string text)
    {
        var segments = new List<Segment>();
        foreach (var part in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split('=') is not [var name, var value]) return null;
            var depth = 1;
            var numbers = value.Split('x');
            if (numbers.Length > 2 || !Positive(numbers[0], out var width)) return null;
            if (numbers.Length == 2 && !Positive(numbers[1], out depth)) return null;
            segments.Add(new(name, width, depth));
        }
        return segments.Count > 0 ? segments : null;
    }

    // A bound, so that a spoilt file does not make a picture of a million bars.
    private static bool Positive(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is > 0 and <= 100_000;
}
