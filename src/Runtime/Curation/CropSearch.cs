using System.Numerics;
using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Curation;

/// <summary>How well one picture lies on the part of another that it may be cut from.</summary>
/// <param name="Likeness">Correlation of their grey values, from -1 to 1.</param>
/// <param name="Details">Correlation of what is finer than three of the part's 32 x 32 pixels, and no straight line.</param>
/// <param name="IsMirrored">Whether left and right are changed.</param>
internal readonly record struct CropMatch(double Likeness, double Details, bool IsMirrored);

/// <summary>
/// Lays a picture on every part of others that it may be cut from, from all of them to half of their sides, mirrored or not, then moves the
/// best part's edges by fractions of a pixel until it lies best.
/// </summary>
internal sealed class CropSearch
{
    private const int Side = Thumbnail.Side;

    /// <summary>
    /// Sides of parts in 32nds of the whole's, from all of it to half, so near that the best is off by a twentieth at most.
    /// </summary>
    private static readonly int[] sides = [32, 29, 26, 23, 21, 19, 17, 16];

    /// <summary>Correlation of a coarse fit below which a fine one is not tried.</summary>
    private const double Coarse = 0.6;

    private readonly float[][] greys;
    private readonly List<(int Width, int Height, float[] Values)>[] templates;

    /// <param name="grey">The picture's thumbnail.</param>
    public CropSearch(ReadOnlySpan<float> grey)
    {
        var mirrored = new float[grey.Length];
        for (var i = 0; i < mirrored.Length; i++) mirrored[i] = grey[i / Side * Side + Side - 1 - i % Side];
        greys = [grey.ToArray(), mirrored];
        templates = Array.ConvertAll(greys, Templates);
    }

    /// <summary>How it lies on another picture, if it is cut from that.</summary>
    /// <param name="whole">The other picture; asked for where it may be.</param>
    /// <param name="grey">Its thumbnail.</param>
    public CropMatch In(Func<Image> whole, ReadOnlySpan<float> grey)
    {
        var sums = new Integral(grey);
        var (straight, turned) = (Place(grey, sums, templates[0]), Place(grey, sums, templates[1]));
        var isMirrored = turned.Likeness > straight.Likeness;
        var best = isMirrored ? turned : straight;
        if (best.Likeness < Coarse) return new(best.Likeness, 0, isMirrored);
        // As large that a pixel of the part is one of the whole.
        var (width, height) = (Side * Side / best.Width, Side * Side / best.Height);
        var large = new float[width * height];
        Thumbnail.Write(whole(), large, width, height);
        return Fit(large, width, height, greys[isMirrored ? 1 : 0], best.Left * width / (double)Side, best.Top * height / (double)Side) with
        {
            IsMirrored = isMirrored,
        };
    }

    /// <summary>A picture in the sizes that it may have as a part of another; each without its mean, and of length 1.</summary>
    private static List<(int Width, int Height, float[] Values)> Templates(float[] grey)
    {
        var made = new List<(int, int, float[])>();
        for (var i = 0; i < sides.Length; i++)
            for (var j = Math.Max(0, i - 1); j <= Math.Min(sides.Length - 1, i + 1); j++)
            {
                var values = new float[sides[i] * sides[j]];
                Thumbnail.Resize(grey, Side, Side, values, sides[i], sides[j]);
                if (Normalise(values)) made.Add((sides[i], sides[j], values));
            }
        return made;
    }

    /// <summary>Where a part lies best, in whole pixels of both thumbnails.</summary>
    private static (double Likeness, int Left, int Top, int Width, int Height) Place(
        ReadOnlySpan<float> whole, Integral sums, List<(int Width, int Height, float[] Values)> templates)
    {
        (double Likeness, int Left, int Top, int Width, int Height) best = (-1, 0, 0, Side, Side);
        foreach (var (width, height, values) in templates)
            for (var top = 0; top <= Side - height; top++)
                for (var left = 0; left <= Side - width; left++)
                {
                    var deviation = sums.Deviation(left, top, width, height);
                    if (deviation <= 0) continue;
                    var product = 0f;
                    for (var y = 0; y < height; y++)
                        product += Dot(values.AsSpan(y * width, width), whole.Slice((top + y) * Side + left, width));
                    if (product / deviation > best.Likeness) best = (product / deviation, left, top, width, height);
                }
        return best;
    }

    /// <summary>Moves the edges of a part of as many pixels as a thumbnail has, by less and less, as long as it lies better.</summary>
    private static CropMatch Fit(float[] whole, int width, int height, ReadOnlySpan<float> part, double left, double top)
    {
        var (smooth, details) = (part.ToArray(), Details(part));
        Normalise(smooth);
        Normalise(details);
        double[] edges = [left, top, left + Side, top + Side];
        var best = Likeness(edges);
        for (var step = 1.0; step > 0.1; step /= 2)
            for (var isBetter = true; isBetter;)
            {
                isBetter = false;
                for (var edge = 0; edge < edges.Length; edge++)
                    foreach (var by in (double[])[-step, step])
                    {
                        double[] moved = [.. edges];
                        moved[edge] += by;
                        if (moved[0] < 0 || moved[1] < 0 || moved[2] > width || moved[3] > height) continue;
                        if (Math.Abs(moved[2] - moved[0] - Side) > Most || Math.Abs(moved[3] - moved[1] - Side) > Most) continue;
                        var likeness = Likeness(moved);
                        if (likeness.Likeness + likeness.Details <= best.Likeness + best.Details + 1e-6) continue;
                        (best, edges, isBetter) = (likeness, moved, true);
                    }
            }
        return best;

        CropMatch Likeness(double[] at)
        {
            var cut = Cut(whole, width, height, at);
            var fine = Details(cut);
            return Normalise(cut) && Normalise(fine) ? new(Dot(cut, smooth), Dot(fine, details), false) : default;
        }
    }

    /// <summary>Pixels by which a part may grow or shrink: what lies between the coarse fit's sizes, and a little more.</summary>
    private const double Most = 4;

    /// <summary>A part of a picture at a thumbnail's size, between the nearest pixels.</summary>
    private static float[] Cut(float[] whole, int width, int height, double[] edges)
    {
        var cut = new float[Side * Side];
        Span<(int Below, float Share)> across = stackalloc (int, float)[Side], down = stackalloc (int, float)[Side];
        for (var i = 0; i < Side; i++)
        {
            across[i] = At(edges[0] + (edges[2] - edges[0]) * (i + 0.5) / Side, width);
            down[i] = At(edges[1] + (edges[3] - edges[1]) * (i + 0.5) / Side, height);
        }
        for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
            {
                var ((column, right), (row, below)) = (across[x], down[y]);
                var at = row * width + column;
                var upper = whole[at] + right * (whole[at + 1] - whole[at]);
                var lower = whole[at + width] + right * (whole[at + width + 1] - whole[at + width]);
                cut[y * Side + x] = upper + below * (lower - upper);
            }
        return cut;

        static (int, float) At(double place, int count)
        {
            var at = Math.Clamp(place - 0.5, 0, count - 1);
            var below = Math.Min((int)at, count - 2);
            return (below, (float)(at - below));
        }
    }

    /// <summary>
    /// What is left of a thumbnail without the mean about each pixel (at the rim the rim counts again), and of that without the means of
    /// its rows and columns: a straight line, as of a scratch or a horizon, lies on any other.
    /// </summary>
    private static float[] Details(ReadOnlySpan<float> grey)
    {
        var details = new float[grey.Length];
        for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
            {
                var sum = 0f;
                for (var dy = -1; dy <= 1; dy++)
                    for (var dx = -1; dx <= 1; dx++)
                        sum += grey[Math.Clamp(y + dy, 0, Side - 1) * Side + Math.Clamp(x + dx, 0, Side - 1)];
                details[y * Side + x] = grey[y * Side + x] - sum / 9;
            }
        for (var line = 0; line < Side; line++)
        {
            var (row, column) = (0f, 0f);
            for (var i = 0; i < Side; i++) row += details[line * Side + i];
            for (var i = 0; i < Side; i++) details[line * Side + i] -= row / Side;
            for (var i = 0; i < Side; i++) column += details[i * Side + line];
            for (var i = 0; i < Side; i++) details[i * Side + line] -= column / Side;
        }
        return details;
    }

    /// <summary>Takes the mean away and brings the length to 1; false where nothing is left.</summary>
    private static bool Normalise(Span<float> values)
    {
        var mean = 0.0;
        foreach (var value in values) mean += value;
        mean /= values.Length;
        var squares = 0.0;
        foreach (var value in values) squares += (value - mean) * (value - mean);
        var length = Math.Sqrt(squares);
        if (length < 1e-3) return false;
        foreach (ref var value in values) value = (float)((value - mean) / length);
        return true;
    }

    private static float Dot(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        var (sum, i) = (Vector<float>.Zero, 0);
        for (; i + Vector<float>.Count <= one.Length; i += Vector<float>.Count)
            sum += new Vector<float>(one[i..]) * new Vector<float>(other[i..]);
        var total = Vector.Sum(sum);
        for (; i < one.Length; i++) total += one[i] * other[i];
        return total;
    }

    /// <summary>Sums over rectangles of a thumbnail.</summary>
    private readonly struct Integral
    {
        private readonly double[] sums = new double[(Side + 1) * (Side + 1)], squares = new double[(Side + 1) * (Side + 1)];

        public Integral(ReadOnlySpan<float> grey)
        {
            for (var y = 0; y < Side; y++)
                for (var x = 0; x < Side; x++)
                {
                    var (at, value) = ((y + 1) * (Side + 1) + x + 1, grey[y * Side + x]);
                    sums[at] = sums[at - 1] + sums[at - Side - 1] - sums[at - Side - 2] + value;
                    squares[at] = squares[at - 1] + squares[at - Side - 1] - squares[at - Side - 2] + value * value;
                }
        }

        /// <summary>The root of the squared deviations' sum; 0 of a part that is even all over.</summary>
        public double Deviation(int left, int top, int width, int height)
        {
            var (sum, square) = (Sum(sums, left, top, width, height), Sum(squares, left, top, width, height));
            var spread = square - sum * sum / (width * height);
            return spread > Flat * Flat * width * height ? Math.Sqrt(spread) : 0;
        }

        private static double Sum(double[] of, int left, int top, int width, int height)
        {
            var (upper, lower) = (top * (Side + 1) + left, (top + height) * (Side + 1) + left);
            return of[lower + width] - of[lower] - of[upper + width] + of[upper];
        }
    }

    /// <summary>Grey levels of deviation below which a part has nothing by which it could be told.</summary>
    private const double Flat = 2;
}
