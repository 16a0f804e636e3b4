using DataSsl.Dense.Data;

namespace DataSsl.Dense.Metrics;

/// <summary>Which detections of a class on an image are right, by COCO's rules, at each overlap.</summary>
/// <param name="Scores">Of the detections, the best first.</param>
/// <param name="Outcomes">[overlaps, detections]: 1 right, 0 wrong, -1 neither.</param>
/// <param name="Truths">Objects that are to be found.</param>
internal sealed record ClassMatches(double[] Scores, sbyte[,] Outcomes, int Truths)
{
    /// <param name="truths">Objects of the class on the image.</param>
    /// <param name="found">Detections of it, the best first, no more than count.</param>
    /// <param name="overlaps">[detections, truths]: of each with each.</param>
    /// <param name="areas">Square pixels of the detections.</param>
    /// <param name="range">Objects of other sizes are neither to be found nor wrong when found.</param>
    public static ClassMatches Of(
        IReadOnlyList<LabelledObject> truths, IReadOnlyList<FoundObject> found, double[,] overlaps, double[] areas,
        (double From, double To) range)
    {
        var isLeftOut = truths.Select(truth => truth.IsCrowd || truth.Area < range.From || truth.Area > range.To).ToArray();
        // Those that count come first: a detection takes one of the others only where none of them is left for it.
        int[] order = [.. Enumerable.Range(0, truths.Count).OrderBy(truth => isLeftOut[truth])];
        var outcomes = new sbyte[CocoProtocol.Overlaps.Length, found.Count];
        for (var level = 0; level < CocoProtocol.Overlaps.Length; level++)
        {
            var isTaken = new bool[truths.Count];
            for (var i = 0; i < found.Count; i++)
            {
                var (best, match) = (Math.Min(CocoProtocol.Overlaps[level], 1 - 1e-10), -1);
                foreach (var truth in order)
                {
                    if (isTaken[truth] && !truths[truth].IsCrowd) continue;
                    if (match >= 0 && !isLeftOut[match] && isLeftOut[truth]) break;
                    // Of equals the last.
                    if (overlaps[i, truth] < best) continue;
                    (best, match) = (overlaps[i, truth], truth);
                }
                if (match >= 0) isTaken[match] = true;
                var isNeither = match >= 0 ? isLeftOut[match] : areas[i] < range.From || areas[i] > range.To;
                outcomes[level, i] = (sbyte)(isNeither ? -1 : match >= 0 ? 1 : 0);
            }
        }
        return new([.. found.Select(item => item.Score)], outcomes, isLeftOut.Count(left => !left));
    }
}
