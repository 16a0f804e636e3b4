namespace DataSsl.Kernels;

/// <summary>
/// The boxes of what FCOS says of every position: on each map the best above a score, of those the ones that no better one of their class
/// overlaps, and of these the best.
/// </summary>
/// <param name="side">Of the images.</param>
/// <param name="sides">Of the maps.</param>
/// <param name="least">Scores above it stay.</param>
/// <param name="overlap">Of two of a class that overlap more the worse one goes.</param>
/// <param name="candidates">Of each map, at most.</param>
/// <param name="most">Of an image, at most.</param>
internal sealed unsafe class FcosBoxes(
    int side, int[] sides, int classes, float least, double overlap, int candidates, int most)
{
    private readonly List<FoundBox> found = [];
    private readonly List<(float Score, int Place)> level = [];

    /// <param name="logits">[positions, padded classes].</param>
    /// <param name="edges">[positions, 16].</param>
    /// <param name="height">Of the image within the square: boxes end there.</param>
    public IReadOnlyList<FoundBox> Of(Floats logits, Floats edges, int height, int width)
    {
        found.Clear();
        var start = 0;
        foreach (var across in sides)
        {
            OfLevel(across, start, logits.Pointer, edges.Pointer, height, width);
            start += across * across;
        }
        // Of equal scores the first is the better.
        var order = new List<int>();
        for (var i = 0; i < found.Count; i++) order.Add(i);
        order.Sort((a, b) => found[b].Score.CompareTo(found[a].Score) is var by && by != 0 ? by : a.CompareTo(b));
        var kept = new List<FoundBox>();
        foreach (var i in order)
        {
            if (kept.Count == most) break;
            var box = found[i];
            if (!kept.Exists(better => better.Label == box.Label && better.Overlap(box) > overlap)) kept.Add(box);
        }
        return kept;
    }

    private void OfLevel(int across, int start, float* logits, float* edges, int height, int width)
    {
        var padded = Lanes.Padded(classes);
        level.Clear();
        for (var i = 0; i < across * across; i++)
        {
            var center = Sigmoid(edges[(start + i) * Lanes.Count + 4]);
            for (var c = 0; c < classes; c++)
                if (MathF.Sqrt(Sigmoid(logits[(nint)(start + i) * padded + c]) * center) is var score && score > least)
                    level.Add((score, i * classes + c));
        }
        level.Sort((a, b) => b.Score.CompareTo(a.Score) is var by && by != 0 ? by : a.Place.CompareTo(b.Place));
        // Positions are whole pixels apart; a reference box is as wide, to whole pixels about its middle.
        int step = side / across, half = (int)MathF.Round(step / 2f);
        for (var k = 0; k < Math.Min(candidates, level.Count); k++)
        {
            var (score, place) = level[k];
            var i = place / classes;
            float x = i % across * step, y = i / across * step;
            var e = edges + (start + i) * Lanes.Count;
            found.Add(
                new(
                    Cut(x - Far(e[0]), width), Cut(y - Far(e[1]), height), Cut(x + Far(e[2]), width), Cut(y + Far(e[3]), height), score,
                    place % classes));
        }

        float Far(float distance) => MathF.Max(0, distance) * (2 * half);

        static float Cut(float at, int end) => Math.Clamp(at, 0, end);
    }

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
