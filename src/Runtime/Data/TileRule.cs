using System.Text.Json.Serialization;

namespace DataSsl.Runtime.Data;

/// <summary>How large pictures are cut into tiles, each of which is an image of its own.</summary>
/// <param name="Side">Of a tile in pixels; a picture that has less in a direction has one tile there, of what it has.</param>
/// <param name="KeepsBackground">Whether tiles stay that show next to nothing, as <see cref="TileSpread"/> tells.</param>
public sealed record TileRule(int Side, bool KeepsBackground)
{
    private const string WithBackground = " with background";

    /// <summary>Sides that tiles may have.</summary>
    [JsonIgnore]
    public static Bounds<int> Sides { get; } = new(32, 8192);

    /// <summary>What is wrong with a rule that a file names; null for a sound one.</summary>
    public string? FirstProblem() => Sides.Problem("tiles", Side);

    /// <summary>Where the tiles of a side begin: one behind another, and the last shifted inwards, so that every pixel is in one.</summary>
    /// <param name="length">Of the picture.</param>
    public IEnumerable<int> Starts(int length)
    {
        for (var start = 0; ; start += Side)
        {
            if (start + Side >= length)
            {
                yield return Math.Max(0, length - Side);
                yield break;
            }
            yield return start;
        }
    }

    /// <summary>As <see cref="Read"/> takes it.</summary>
    public override string ToString() => FormattableString.Invariant($"{Side}{(KeepsBackground ? WithBackground : "")}");

    /// <summary>A rule by its text; null where it is none.</summary>
    public static TileRule? Read(string text)
    {
        var keeps = text.EndsWith(WithBackground, StringComparison.Ordinal);
        return Sides.TryRead(keeps ? text[..^WithBackground.Length] : text, out var side) ? new(side, keeps) : null;
    }
}
