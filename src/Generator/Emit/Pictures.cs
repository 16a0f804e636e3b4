using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using DataSsl.Kernels;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Emit;

/// <summary>What every emitted class says of the pictures that it takes.</summary>
internal static class Pictures
{
    /// <summary>The fields that pictures are normalised by.</summary>
    /// <param name="rule">What they hold.</param>
    /// <param name="type">Of their numbers.</param>
    /// <param name="suffix">What a number of that type ends in.</param>
    public static string Statistics(PictureRule rule, string type, string suffix = "")
    {
        return $"private static readonly {type}[] Mean = [{List(rule.Mean)}], Deviation = [{List(rule.Deviation)}];";

        string List(EquatableArray<double> values) =>
            string.Join(", ", values.Select(v => v.ToString("R", CultureInfo.InvariantCulture) + suffix));
    }

    /// <summary>The comment of a class's <c>Preprocess</c>.</summary>
    /// <param name="rule">What pictures are normalised by.</param>
    /// <param name="side">Of the network's images, in pixels.</param>
    /// <param name="image">The shape of what it gives.</param>
    public static IEnumerable<string> Summary(PictureRule rule, int side, string image)
    {
        yield return "/// <summary>";
        yield return $"/// A picture of any size as evaluation shows it, {image}: its short side becomes {ShownImage.ShortSide(side)} pixels (bilinear, antialiased, not rounded to bytes),";
        yield return $"/// the middle square is taken, and each channel from 0 to 1 loses {rule.Owner} mean and is divided by its deviation.";
        yield return "/// </summary>";
        yield return $"/// <param name=\"{rule.Parameter}\">[height, width, {rule.Channels}]: {(rule.Channels == 1 ? "the grey" : "red, green and blue")} of each pixel, row by row, the picture upright.</param>";
        yield return "/// <param name=\"width\">Columns of the picture.</param>";
        yield return "/// <param name=\"height\">Rows of the picture.</param>";
        yield return $"/// <exception cref=\"ArgumentException\">The bytes are not {(rule.Channels == 1 ? "one" : "three")} for each pixel.</exception>";
    }
}
