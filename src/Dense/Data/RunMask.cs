namespace DataSsl.Dense.Data;

/// <summary>
/// An object's pixels as COCO's run lengths: down the columns, from the left, first how many are outside, then how many inside, and so on.
/// </summary>
public sealed class RunMask
{
    private readonly int[] runs;

    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="runs">None below 0; together height * width.</param>
    private RunMask(int height, int width, int[] runs)
    {
        (Height, Width, this.runs) = (height, width, runs);
        var place = 0;
        var (left, right, top, bottom) = (width, 0, height, 0);
        for (var i = 0; i < runs.Length; i++)
        {
            var (first, last) = (place, place + runs[i] - 1);
            place += runs[i];
            if (i % 2 == 0 || runs[i] == 0) continue;
            Area += runs[i];
            (left, right) = (Math.Min(left, first / height), Math.Max(right, last / height + 1));
            // A run that goes on in the next column fills one to its end and the other from its beginning.
            var turns = first / height != last / height;
            (top, bottom) = (Math.Min(top, turns ? 0 : first % height), Math.Max(bottom, turns ? height : last % height + 1));
        }
        Bounds = Area == 0 ? default : new(left, top, right - left, bottom - top);
    }

    /// <summary>Rows of the image.</summary>
    public int Height { get; }

    /// <summary>Columns of the image.</summary>
    public int Width { get; }

    /// <summary>Pixels inside.</summary>
    public long Area { get; }

    /// <summary>The smallest box that holds them all.</summary>
    public Box Bounds { get; }

    /// <summary>The run lengths.</summary>
    public ReadOnlySpan<int> Runs => runs;

    /// <summary>From run lengths.</summary>
    /// <exception cref="InvalidDataException">They do not make up the image.</exception>
    public static RunMask Of(int height, int width, IReadOnlyList<long> runs)
    {
        if (height <= 0 || width <= 0 || (long)height * width > int.MaxValue)
            throw new InvalidDataException("run lengths of an image without pixels, or with too many");
        var sum = 0L;
        foreach (var run in runs)
            if (run < 0 || (sum += run) > (long)height * width) throw new InvalidDataException("run lengths that do not make up the image");
        if (sum != (long)height * width) throw new InvalidDataException("run lengths that do not make up the image");
        return new(height, width, [.. runs.Select(run => (int)run)]);
    }

    /// <summary>
    /// From COCO's text for run lengths: five bits a character and one that says whether more follow, and from the fourth number on the
    /// difference to that two before.
    /// </summary>
    /// <inheritdoc cref="Of(int, int, IReadOnlyList{long})"/>
    public static RunMask Of(int height, int width, string text)
    {
        const int first = '0', most = 12;
        var runs = new List<long>();
        for (var at = 0; at < text.Length;)
        {
            var number = 0L;
            for (var bits = 0; ; bits += 5)
            {
                if (at == text.Length || bits >= 5 * most || text[at] - first is < 0 or > 63)
                    throw new InvalidDataException("a text of run lengths that is cut short or damaged");
                var part = text[at++] - first;
                number |= (part & 31L) << bits;
                if ((part & 32) != 0) continue;
                if ((part & 16) != 0) number |= -1L << (bits + 5);
                break;
            }
            runs.Add(runs.Count > 2 ? number + runs[^2] : number);
        }
        return Of(height, width, runs);
    }

    /// <summary>From what is inside, row after row: [height, width], not 0 inside.</summary>
    public static RunMask Of(int height, int width, ReadOnlySpan<byte> pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(pixels.Length, height * width);
        var runs = new List<int>();
        var (inside, run) = (false, 0);
        for (var x = 0; x < width; x++)
            for (var y = 0; y < height; y++)
            {
                if (pixels[y * width + x] != 0 != inside)
                {
                    runs.Add(run);
                    (inside, run) = (!inside, 0);
                }
                run++;
            }
        runs.Add(run);
        return new(height, width, [.. runs]);
    }

    /// <summary>From a polygon's points, drawn as COCO's toolkit does.</summary>
    /// <inheritdoc cref="PolygonRuns.Of"/>
    public static RunMask OfPolygon(int height, int width, ReadOnlySpan<double> points) =>
        new(height, width, PolygonRuns.Of(height, width, points));

    /// <summary>What is in either of two masks of an image.</summary>
    public RunMask Or(RunMask other)
    {
        MustFit(other);
        var merged = new List<int>();
        var inside = false;
        var run = 0;
        Walk(other, (here, there, count) =>
        {
            if ((here || there) != inside)
            {
                merged.Add(run);
                (inside, run) = (!inside, 0);
            }
            run += count;
        });
        merged.Add(run);
        return new(Height, Width, [.. merged]);
    }

    /// <summary>
    /// Intersection over union of two masks of an image; over this one's area alone where the other is a crowd, of which it may be any
    /// part.
    /// </summary>
    public double Iou(RunMask other, bool isCrowd = false)
    {
        MustFit(other);
        if (Bounds.Iou(other.Bounds) <= 0) return 0;
        var both = 0L;
        Walk(other, (here, there, count) => both += here && there ? count : 0);
        return both == 0 ? 0 : (double)both / (isCrowd ? Area : Area + other.Area - both);
    }

    /// <summary>The pixels, row after row: [height, width], 1 inside and 0 outside.</summary>
    public byte[] Pixels()
    {
        var pixels = new byte[Height * Width];
        var place = 0;
        for (var i = 0; i < runs.Length; i++)
        {
            if (i % 2 == 1)
                for (var at = place; at < place + runs[i]; at++) pixels[at % Height * Width + at / Height] = 1;
            place += runs[i];
        }
        return pixels;
    }

    private void MustFit(RunMask other)
    {
        if (other.Height != Height || other.Width != Width)
            throw new ArgumentException(
                $"masks of {Height} x {Width} and of {other.Height} x {other.Width} pixels are of different images");
    }

    /// <summary>Goes through both masks in stretches of which neither begins or ends within.</summary>
    private void Walk(RunMask other, Action<bool, bool, int> see)
    {
        var (i, j, endHere, endThere) = (0, 0, runs[0], other.runs[0]);
        for (int place = 0, all = Height * Width; place < all;)
        {
            while (endHere == place) endHere += runs[++i];
            while (endThere == place) endThere += other.runs[++j];
            var next = Math.Min(endHere, endThere);
            see(i % 2 == 1, j % 2 == 1, next - place);
            place = next;
        }
    }
}
