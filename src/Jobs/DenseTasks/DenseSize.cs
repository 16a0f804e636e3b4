using System.Globalization;
using DataSsl.Dense.Training;
using DataSsl.Runtime;

namespace DataSsl.Jobs.DenseTasks;

/// <summary>To which size images come that keep their shape: a short side, or a frame that they are to fit in.</summary>
/// <param name="Short">Pixels of the short side, unless the long one would be longer than it may.</param>
/// <param name="Long">Pixels of the long side, at most.</param>
internal readonly record struct DenseSize(int Short, int Long)
{
    /// <summary>By how much the networks halve an image: parts of that are filled up.</summary>
    private const int Step = 32;

    /// <summary>Torchvision's, of 800 and 1333.</summary>
    private const double LongByShort = 1333.0 / 800;

    /// <summary>Side of the square images that statistics are taken over.</summary>
    public int Square => Short / Step * Step;

    /// <exception cref="UserException">The text is neither.</exception>
    public static DenseSize Parse(string text)
    {
        var sides = text.Split('x');
        if (sides.Length is not (1 or 2) || !TryRead(sides[0], out var first) || !TryRead(sides[^1], out var last))
            throw new UserException(
                $"--size {text}: give the short side, or height and width as 240x320, each {DenseSettings.Limits.Size}");
        return sides.Length == 2 ? new(Math.Min(first, last), Math.Max(first, last)) : new(first, (int)(first * LongByShort));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Short} to {Long} px");

    private static bool TryRead(string text, out int side) => DenseSettings.Limits.Size.TryRead(text, out side);
}
