using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Curation;

/// <summary>A test image whose picture is also learnt from.</summary>
/// <param name="Test">Its place in the test images' source.</param>
/// <param name="Train">The other's in that of the training images.</param>
/// <param name="IsExact">Whether both are the same byte by byte.</param>
public sealed record TestLeak(int Test, int Train, bool IsExact);

/// <summary>
/// Test images that show pictures which are also learnt from, byte by byte or stored again, mirrored or cut: whatever is measured on them
/// is told by heart.
/// </summary>
/// <param name="Found">One for each such test image, in their order.</param>
/// <param name="Looked">How many test images were looked for by what they show: a draw of them, where all would take too long.</param>
public sealed record TestLeaks(IReadOnlyList<TestLeak> Found, int Looked)
{
    /// <summary>Training images that are held against the test images at once, which bounds the memory.</summary>
    private const int Chunk = 8_192;

    /// <summary>Pairs of images that are held against each other at most.</summary>
    public const long MostPairs = 100_000_000;

    /// <summary>Test images that are byte by byte what is learnt from.</summary>
    public int Exact => Found.Count(leak => leak.IsExact);

    /// <summary>Test images that show what is learnt from, and are other bytes.</summary>
    public int Near => Found.Count - Exact;

    /// <summary>Looks for them.</summary>
    /// <param name="train">Images that are learnt from.</param>
    /// <param name="test">Images that are tested on.</param>
    /// <param name="mostPairs">Pairs that are held against each other at most; of more a fixed draw of the test images is.</param>
    /// <param name="progress">Told how many training images were looked at.</param>
    public static TestLeaks Find(ImageStore train, ImageStore test, long mostPairs = MostPairs, Action<int>? progress = null)
    {
        var found = test.Source.CopiesOf(train.Source).Select(copy => new TestLeak(copy.Copy, copy.Other, true))
            .ToDictionary(leak => leak.Test);
        var asked = Enumerable.Range(0, test.Count).Where(image => !found.ContainsKey(test.Places[image])).ToArray();
        var most = (int)Math.Clamp(mostPairs / train.Count, 1, Math.Max(1, asked.Length));
        if (most < asked.Length)
            asked = [.. CounterRandom.For(0, "leaks").Permutation(asked.Length).Take(most).Order().Select(place => asked[place])];
        var greys = Thumbnail.OfAll(test, asked);
        for (var start = 0; start < train.Count && asked.Length > 0; start += Chunk)
        {
            var some = Enumerable.Range(start, Math.Min(Chunk, train.Count - start)).ToArray();
            foreach (var pair in NearCopies.Between(greys, Thumbnail.OfAll(train, some)))
            {
                var leak = new TestLeak(test.Places[asked[pair.First]], train.Places[some[pair.Second]], false);
                found.TryAdd(leak.Test, leak);
            }
            progress?.Invoke(start + some.Length);
        }
        return new([.. found.Values.OrderBy(leak => leak.Test)], asked.Length);
    }
}
