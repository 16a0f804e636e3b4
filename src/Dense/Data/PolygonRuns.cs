namespace DataSsl.Dense.Data;

/// <summary>
/// Draws a polygon as COCO's toolkit does, to the pixel: its outline is followed on a grid five times as fine, and of each column of pixels
/// the places count at which the outline crosses the column's middle. AP by masks is to be the published one, and so are the masks.
/// </summary>
internal static class PolygonRuns
{
    private const double Fineness = 5;

    /// <summary>Places on outlines of one polygon; what has more was made to take time.</summary>
    private const long MostPlaces = 1 << 24;

    /// <summary>Run lengths of what is inside.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="points">x and y of each corner in turn, in pixels; at least three corners.</param>
    /// <exception cref="InvalidDataException">It has fewer corners, half a corner, or an endless outline.</exception>
    public static int[] Of(int height, int width, ReadOnlySpan<double> points)
    {
        if (points.Length < 6 || points.Length % 2 != 0)
            throw new InvalidDataException("a polygon of fewer than three corners, or with half a one");
        var corners = new (int X, int Y)[points.Length / 2 + 1];
        for (var i = 0; i < corners.Length - 1; i++)
        {
            var (x, y) = (points[2 * i], points[2 * i + 1]);
            if (!(Math.Abs(x) < 1 << 24 && Math.Abs(y) < 1 << 24))
                throw new InvalidDataException("a polygon with a corner far outside of the image");
            corners[i] = ((int)(Fineness * x + 0.5), (int)(Fineness * y + 0.5));
        }
        corners[^1] = corners[0];
        var places = 0L;
        for (var i = 0; i + 1 < corners.Length; i++) places += Length(corners[i], corners[i + 1]) + 1;
        if (places > MostPlaces) throw new InvalidDataException("a polygon with an outline that is too long");

        var ends = new List<int>();
        (int X, int Y)? before = null;
        for (var i = 0; i + 1 < corners.Length; i++)
            foreach (var place in Edge(corners[i], corners[i + 1]))
            {
                if (before is var (x, y) && x != place.X && Crossing(Math.Min(x, place.X), Math.Min(y, place.Y), height, width) is { } end)
                    ends.Add(end);
                before = place;
            }
        ends.Add(height * width);
        ends.Sort();
        return Runs(ends);
    }

    /// <summary>
    /// All places of an edge, in its direction. A flat edge is stepped from the left and a steep one from the top, whichever way it goes.
    /// </summary>
    private static IEnumerable<(int X, int Y)> Edge((int X, int Y) from, (int X, int Y) to)
    {
        var (flat, count) = (Math.Abs(to.X - from.X) >= Math.Abs(to.Y - from.Y), Length(from, to));
        var turned = flat ? from.X > to.X : from.Y > to.Y;
        var (start, end) = turned ? (to, from) : (from, to);
        // An edge of no length has a slope that is no number, and one place.
        var slope = flat ? (double)(end.Y - start.Y) / count : (double)(end.X - start.X) / count;
        for (var i = 0; i <= count; i++)
        {
            var step = turned ? count - i : i;
            yield return count == 0
                ? start
                : flat
                ? (start.X + step, (int)(start.Y + slope * step + 0.5))
                : ((int)(start.X + slope * step + 0.5), start.Y + step);
        }
    }

    /// <summary>Where down the columns the outline crosses a pixel's middle; null where it is between two, or beside the image.</summary>
    private static int? Crossing(int fineX, int fineY, int height, int width)
    {
        var x = (fineX + 0.5) / Fineness - 0.5;
        if (x != Math.Floor(x) || x < 0 || x > width - 1) return null;
        return (int)x * height + (int)Math.Ceiling(Math.Clamp((fineY + 0.5) / Fineness - 0.5, 0, height));
    }

    /// <summary>The lengths between ends, without such of no length, which part nothing.</summary>
    private static int[] Runs(List<int> ends)
    {
        var runs = new List<int> { ends[0] };
        for (var i = 1; i < ends.Count; i++)
        {
            if (ends[i] > ends[i - 1]) runs.Add(ends[i] - ends[i - 1]);
            else if (++i < ends.Count) runs[^1] += ends[i] - ends[i - 1];
        }
        return [.. runs];
    }

    private static int Length((int X, int Y) from, (int X, int Y) to) => Math.Max(Math.Abs(to.X - from.X), Math.Abs(to.Y - from.Y));
}
