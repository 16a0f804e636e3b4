using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Curation;

/// <summary>Pairs of images that something else holds for alike, looked at pixel by pixel.</summary>
internal static class Suspects
{
    /// <summary>
    /// Correlation from which on two that lie on each other are one picture, and that of their details: measured on photographs of steel
    /// and of things at 32 pixels, whose cuts lie at 0.93 and above, and what only looks alike below one or the other.
    /// </summary>
    private const double Same = 0.95, SameDetails = 0.5;

    /// <summary>Those that show one picture, in their order.</summary>
    /// <inheritdoc cref="DataCheck.With"/>
    public static IReadOnlyList<NearCopy> Confirmed(
        IReadOnlyList<ImageStore> stores, IReadOnlyList<(int First, int Second)> suspects, Action<int>? progress,
        CancellationToken cancellation)
    {
        var greys = stores.SelectMany(store => Thumbnail.OfAll(store, [.. Enumerable.Range(0, store.Count)])).ToArray();
        // Either may be cut from the other; what is laid on others is made ready once.
        var parts = suspects.Index().SelectMany(
                pair => ((int Part, int Whole, int Pair)[])
                    [(pair.Item.First, pair.Item.Second, pair.Index), (pair.Item.Second, pair.Item.First, pair.Index)])
            .GroupBy(pair => pair.Part).ToArray();
        var (best, done) = (new CropMatch[suspects.Count], 0);
        var locks = new Lock();
        Workers.For(parts.Length, stores[0].Workers, i =>
        {
            var search = new CropSearch(Grey(parts[i].Key));
            foreach (var (_, whole, pair) in parts[i])
            {
                var match = search.In(() => Picture(whole), Grey(whole));
                lock (locks)
                    if (Worth(match) > Worth(best[pair])) best[pair] = match;
            }
            progress?.Invoke(Interlocked.Increment(ref done));
        }, cancellation);
        return
        [
            .. suspects.Index().Where(pair => best[pair.Index] is { Likeness: >= Same, Details: >= SameDetails }).Select(pair =>
                new NearCopy(pair.Item.First, pair.Item.Second, best[pair.Index].Likeness, best[pair.Index].IsMirrored)
                {
                    IsByEmbedding = true,
                }),
        ];

        ReadOnlySpan<float> Grey(int image) => greys.AsSpan(Thumbnail.Pixels * image, Thumbnail.Pixels);

        Image Picture(int image)
        {
            var store = stores[0];
            for (var set = 0; image >= store.Count; store = stores[++set]) image -= store.Count;
            return store.Get([image]).Images[0];
        }

        static double Worth(CropMatch match) => match.Likeness + match.Details;
    }
}
