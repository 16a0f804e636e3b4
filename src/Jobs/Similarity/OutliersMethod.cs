using System.Text.Json.Nodes;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Jobs.Similarity;

/// <summary>The images that fit least into their own set.</summary>
/// <param name="K">Neighbours that the score is the mean distance to.</param>
internal sealed record OutliersMethod(int K) : StrangestMethod("outliers")
{
    private protected override SimilarResult Answer(SimilarRequest request)
    {
        var images = request.Load(Several(request, "--data", request.Data));
        var distinct = Distinct("--data", images);
        using var embedder = request.Embedder(images);
        var near = NearestNeighbours.In(embedder.Embed(images, distinct), K);
        var scores = Scores(near, distinct.Length);
        var ranked = Ranked(scores);
        var record = request.Facts(embedder, ("data", images));
        record["k"] = K;
        record["outliers"] = Listed(
            ranked, i => new JsonObject { ["image"] = images.PathOf(distinct[i]), ["score"] = scores[i] });
        var shown = ranked.Take(request.Show).ToArray();
        return new(
            Invariant($"outliers of {Wording.Count(distinct.Length, "image")} of {request.Data}"),
            Invariant(
                $"score: mean cosine distance to the {near.K:N0} nearest others; {Quantile.Of(scores.Order().ToArray(), 0.5):0.0000} in the middle; {By(request, embedder)}"),
            [.. shown.Select(i => Invariant($"  {scores[i]:0.0000}  {images.NameOf(distinct[i])}"))],
            [
                .. shown.Select(i => Row(new(images, distinct[i], Invariant($"{scores[i]:0.000}")), near, i, images, distinct)),
            ],
            record);
    }
}
