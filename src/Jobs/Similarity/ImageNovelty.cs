using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Jobs.Similarity;

/// <summary>The mean cosine distance of an image's embedding to the nearest of the reference.</summary>
/// <param name="K">How many of them.</param>
internal sealed record ImageNovelty(int K) : INovelty
{
    public void MustSuit(NetworkSource source) { }

    public NovelScores Measure(NovelSets sets, ImageEmbedder embedder, long seed)
    {
        var bank = embedder.Embed(sets.Reference, sets.Known);
        var near = NearestNeighbours.In(bank, K, embedder.Embed(sets.Images));
        return new(
            StrangestMethod.Scores(near, sets.Images.Count), StrangestMethod.Scores(NearestNeighbours.In(bank, K), sets.Known.Length),
            sets.Normal is { } normal
                ? StrangestMethod.Scores(NearestNeighbours.In(bank, K, embedder.Embed(normal)), normal.Count)
                : null,
            FormattableString.Invariant(
                $"mean cosine distance to the {near.K:N0} nearest of {Wording.Count(sets.Known.Length, "reference image")}"),
            new() { ["k"] = K }, null,
            (image, text) => StrangestMethod.Row(new(sets.Images, image, text), near, image, sets.Reference, sets.Known));
    }
}
