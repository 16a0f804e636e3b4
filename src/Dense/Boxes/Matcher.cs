using static TorchSharp.torch;

namespace DataSsl.Dense.Boxes;

/// <summary>
/// Says which true box each of many candidates stands for, by their overlap (Ren et al. 2015, Faster R-CNN, section 3.1.2).
/// </summary>
/// <param name="High">From this IoU on a candidate stands for the true box that it overlaps most.</param>
/// <param name="Low">Below this it stands for the background; between the two for nothing.</param>
/// <param name="KeepsBest">Every true box also gets the candidates that overlap it most, however little: otherwise one that fits no anchor
/// would not be learnt.</param>
public sealed record Matcher(double High, double Low, bool KeepsBest)
{
    /// <summary>The background.</summary>
    public const long Background = -1;

    /// <summary>Neither a box nor the background: what overlaps some box, but not enough.</summary>
    public const long Between = -2;

    /// <summary>
    /// The true box of each candidate: IoU [M, N] of M true boxes, one at least, -> [N] in 64 bits, <see cref="Background"/> or
    /// <see cref="Between"/> where there is none.
    /// </summary>
    public Tensor Match(Tensor overlaps)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (best, boxes) = overlaps.max(0);
        var matches = boxes.masked_fill(best.lt(High), Between).masked_fill(best.lt(Low), Background);
        if (KeepsBest) matches = where(overlaps.eq(overlaps.amax([1L], keepdim: true)).any(0), boxes, matches);
        return matches.MoveToOuterDisposeScope();
    }
}
