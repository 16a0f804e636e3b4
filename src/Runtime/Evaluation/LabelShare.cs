namespace DataSsl.Runtime.Evaluation;

/// <summary>Draws from labelled images that keep every class in view; the same for the same seed.</summary>
public static class LabelShare
{
    /// <summary>
    /// A share with as many images of one class as of another, as far as the classes reach: at least one of each. A smaller share of the
    /// same seed lies within a larger one.
    /// </summary>
    /// <param name="labels">The class of every image.</param>
    /// <param name="share">In (0, 1].</param>
    /// <param name="seed">Of the draw.</param>
    /// <returns>Indices into the labels, ascending.</returns>
    public static int[] Balanced(int[] labels, double share, long seed)
    {
        var classes = Shuffled(labels, seed, "label share");
        var order = classes.Keys.Order().ToArray();
        var random = CounterRandom.For((ulong)seed, "class order");
        random.Shuffle(order.AsSpan());
        var wanted = Math.Max(order.Length, (int)Math.Round(share * labels.Length));
        var drawn = new List<int>();
        // Round by round one of each class that still has some.
        for (var round = 0; drawn.Count < wanted; round++)
            drawn.AddRange(
                order.Select(c => classes[c]).Where(images => round < images.Length).Select(images => images[round])
                    .Take(wanted - drawn.Count));
        return [.. drawn.Order()];
    }

    /// <summary>
    /// Sets a share of every class aside, at least one image of each class that has two; both parts are indices into the labels, ascending.
    /// </summary>
    public static (int[] Kept, int[] HeldOut) HoldOut(int[] labels, double share, long seed, string purpose)
    {
        var heldOut = Shuffled(labels, seed, purpose).Values
            .SelectMany(
                images => images.Take(images.Length < 2 ? 0 : Math.Clamp((int)Math.Round(share * images.Length), 1, images.Length - 1)))
            .ToHashSet();
        return ([.. Enumerable.Range(0, labels.Length).Where(i => !heldOut.Contains(i))], [.. heldOut.Order()]);
    }

    private static Dictionary<int, int[]> Shuffled(int[] labels, long seed, string purpose) =>
        Enumerable.Range(0, labels.Length).GroupBy(i => labels[i]).ToDictionary(images => images.Key, images =>
        {
            var order = images.ToArray();
            var random = CounterRandom.For((ulong)seed, purpose, images.Key);
            random.Shuffle(order.AsSpan());
            return order;
        });
}
