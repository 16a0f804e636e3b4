using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Dense;

/// <summary>An object that a detector found.</summary>
/// <param name="Box">Left, top, right and bottom edge in pixels.</param>
/// <param name="Score">From 0 to 1.</param>
/// <param name="Label">The class's number.</param>
public sealed record FoundBox((float Left, float Top, float Right, float Bottom) Box, float Score, int Label)
{
    /// <summary>Those of an image: boxes [K, 4], scores [K], labels [K] in 64 bits.</summary>
    public static IReadOnlyList<FoundBox> Of(Tensor boxes, Tensor scores, Tensor labels)
    {
        // TorchSharp reads past the end of a matrix without rows.
        if (scores.numel() == 0) return [];
        using var scope = NewDisposeScope();
        var (edges, sure, numbers) = (boxes.contiguous().data<float>().ToArray(), scores.contiguous().data<float>().ToArray(),
            labels.contiguous().data<long>().ToArray());
        return
        [
            .. sure.Select((score, k) => new FoundBox(
                (edges[4 * k], edges[4 * k + 1], edges[4 * k + 2], edges[4 * k + 3]), score, (int)numbers[k])),
        ];
    }

    /// <summary>The largest distance of two edges, in pixels.</summary>
    internal double Distance(FoundBox other) => new[]
    {
        (double)Box.Left - other.Box.Left, (double)Box.Top - other.Box.Top, (double)Box.Right - other.Box.Right,
        (double)Box.Bottom - other.Box.Bottom,
    }.Max(Math.Abs);
}
