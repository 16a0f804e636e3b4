namespace DataSsl.Dense.Metrics;

/// <summary>All detections of a class, the best first, and whether they are right at each overlap.</summary>
internal sealed class Ranking
{
    private readonly ClassMatches[] images;
    private readonly (int Image, int Place)[] order;

    /// <param name="images">Of each image, in order.</param>
    public Ranking(ClassMatches[] images)
    {
        this.images = images;
        order =
        [
            .. images.Index().SelectMany(image => Enumerable.Range(0, image.Item.Scores.Length).Select(place => (image.Index, place)))
                .OrderByDescending(item => images[item.Index].Scores[item.place]),
        ];
    }

    /// <summary>
    /// At each overlap the mean of precision over the recalls; not a number where there is no object. Precision at a recall is the best of
    /// there and beyond. An image that is drawn several times gives its detections as often: of the copies of a right one the last has the
    /// best precision, so that they can be counted in one.
    /// </summary>
    /// <param name="times">How often each image is taken.</param>
    public double[] Precisions(int[] times)
    {
        var levels = new double[CocoProtocol.Overlaps.Length];
        var truths = images.Index().Sum(image => (long)times[image.Index] * image.Item.Truths);
        var (recalls, precisions) = (new double[order.Length], new double[order.Length]);
        for (var level = 0; level < levels.Length; level++)
        {
            var (right, wrong) = (0L, 0L);
            for (var i = 0; i < order.Length; i++)
            {
                var (image, place) = order[i];
                var outcome = images[image].Outcomes[level, place];
                if (outcome > 0) right += times[image];
                else if (outcome == 0) wrong += times[image];
                (recalls[i], precisions[i]) = ((double)right / truths, right == 0 ? 0 : (double)right / (right + wrong));
            }
            for (var i = order.Length - 1; i > 0; i--) precisions[i - 1] = Math.Max(precisions[i - 1], precisions[i]);
            var (sum, at) = (0.0, 0);
            foreach (var recall in CocoProtocol.Recalls)
            {
                while (at < order.Length && recalls[at] < recall) at++;
                if (at == order.Length) break;
                sum += precisions[at];
            }
            levels[level] = truths == 0 ? double.NaN : sum / CocoProtocol.Recalls.Length;
        }
        return levels;
    }

    /// <summary>
    /// At each overlap the share of objects that are found with so many detections an image; not a number where there is no object.
    /// </summary>
    public double[] Recalls(int count)
    {
        var truths = images.Sum(image => image.Truths);
        return [.. Enumerable.Range(0, CocoProtocol.Overlaps.Length).Select(level => truths == 0 ? double.NaN
            : (double)images.Sum(
                image => Enumerable.Range(0, Math.Min(count, image.Scores.Length)).Count(i => image.Outcomes[level, i] > 0)) / truths)];
    }
}
