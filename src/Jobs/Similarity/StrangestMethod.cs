using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Jobs.Similarity;

/// <summary>Images in the order of a score of strangeness.</summary>
internal abstract record StrangestMethod(string Name) : SimilarMethod(Name)
{
    /// <summary>The strangest first; of equals the first in the images' order.</summary>
    private protected static int[] Ranked(IReadOnlyList<double> scores) =>
        [.. Enumerable.Range(0, scores.Count).OrderByDescending(i => scores[i])];

    internal static double[] Scores(NearestNeighbours near, int count) =>
        [.. Enumerable.Range(0, count).Select(near.MeanDistance)];

    /// <summary>An image beside the nearest that it has: what it is strange to.</summary>
    /// <param name="near">Found in some images of a store.</param>
    /// <param name="query">Its number there.</param>
    /// <param name="store">The store.</param>
    /// <param name="known">Which of its images.</param>
    internal static PictureRow Row(Picture image, NearestNeighbours near, int query, ImageStore store, int[] known) => new(
        "", image,
        [.. near.Of(query).Take(Pictured).Select(one => new Picture(store, known[one.Place], Invariant($"cosine {one.Cosine:0.000}")))]);

    /// <summary>Images of which each has another that it may be near to.</summary>
    private protected static ImageSource Several(SimilarRequest request, string option, string path) =>
        request.List(path) is { Count: > 1 } images ? images : throw One(option, path);

    /// <summary>The images that are no copies of others, told where some are left out.</summary>
    private protected static int[] Distinct(string option, ImageStore store)
    {
        var distinct = store.Distinct();
        if (distinct.Length < 2) throw One(option, store.Source.Root);
        if (distinct.Length < store.Count)
            Notices.Tell(
                $"{store.Source.Root}: {Images.Copies(store.Count - distinct.Length)} of others in it: left out, as an image is never strange beside its copy");
        return distinct;
    }

    private static UserException One(string option, string path) => new($"{option} {path}: holds one image; give two or more");
}
