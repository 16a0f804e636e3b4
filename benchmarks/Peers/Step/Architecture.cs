using System.Globalization;

namespace DataSsl.Peers.Step;

/// <summary>A subnet as a bench names it: <c>stem/width,…/depth,…</c>, a width and a depth a stage.</summary>
internal sealed record Architecture(string Text, int Stem, int[] Widths, int[] Depths)
{
    public static Architecture Parse(string text)
    {
        var parts = text.Split('/');
        return new(text, int.Parse(parts[0], CultureInfo.InvariantCulture), Numbers(parts[1]), Numbers(parts[2]));
    }

    public static int[] Numbers(string text) => Array.ConvertAll(text.Split(','), n => int.Parse(n, CultureInfo.InvariantCulture));

    public bool Equals(Architecture? other) => Text == other?.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
