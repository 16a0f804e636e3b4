using System.Text.Json.Nodes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Cli.Similarity;

/// <summary>The images that a reference has least of.</summary>
/// <param name="Reference">What is known.</param>
/// <param name="Normal">More of the reference's kind, which score low where the score is worth something; null for none.</param>
/// <param name="K">Neighbours that the score is the mean distance to.</param>
internal sealed record NovelMethod(string Reference, string? Normal, int K) : StrangestMethod("novel")
{
    private protected override SimilarResult Answer(SimilarRequest request)
    {
        var (referenceListed, listed) = (Several(request, "--reference", Reference), request.List(request.Data));
        var normalListed = Normal is null ? null : request.List(Normal);
        MustBeOthers("--data", listed, referenceListed);
        if (normalListed is not null) MustBeOthers("--normal", normalListed, referenceListed);
        var (reference, images) = (request.Load(referenceListed), request.Load(listed));
        var normal = normalListed is null ? null : request.Load(normalListed);
        var known = Distinct("--reference", reference);
        using var embedder = request.Embedder(reference);
        var bank = embedder.Embed(reference, known);
        var near = NearestNeighbours.In(bank, K, embedder.Embed(images));
        var scores = Scores(near, images.Count);
        var own = Scores(NearestNeighbours.In(bank, K), known.Length).Order().ToArray();
        var normals = normal is null ? null : Scores(NearestNeighbours.In(bank, K, embedder.Embed(normal)), normal.Count);
        Auroc? auroc = normals is null ? null : Auroc.Of(normals, scores);
        var ranked = Ranked(scores);
        var record = request.Facts(
            embedder, [("data", images), ("reference", reference), .. normal is null ? [] : new[] { ("normal", normal) }]);
        record["k"] = K;
        if (auroc is { } area)
            record["auroc"] = new JsonObject { ["value"] = area.Value, ["low"] = area.Low, ["high"] = area.High };
        record["novel"] = Listed(
            ranked, i => new JsonObject { ["image"] = images.PathOf(i), ["score"] = scores[i], ["above"] = Above(scores[i]) });
        var shown = ranked.Take(request.Show).ToArray();
        return new(
            Invariant($"novel to {Reference}: {Output.Count(images.Count, "image")} of {request.Data}"),
            Invariant(
                $"score: mean cosine distance to the {near.K:N0} nearest of {Output.Count(known.Length, "reference image")}, whose own scores, each left out, are {Quantile.Of(own, 0.5):0.0000} in the middle and at most {own[^1]:0.0000}{(auroc is { } a ? $"; AUROC against {Output.Count(normal!.Count, "normal image")}: {a.Value:0.0000} ({a.Low:0.0000} to {a.High:0.0000})" : "")}; {By(request, embedder)}"),
            [
                .. shown.Select(i => Invariant(
                    $"  {scores[i]:0.0000}  above {100 * Above(scores[i]),5:0.0} % of the reference  {images.NameOf(i)}")),
            ],
            [
                .. shown.Select(i => Row(
                    new(images, i, Invariant($"{scores[i]:0.000}, above {100 * Above(scores[i]):0.0} % of the reference")), near, i,
                    reference, known)),
            ],
            record);

        double Above(double score) => Quantile.Below(own, score) / (double)own.Length;
    }

    /// <summary>An image that is in the reference is as near to it as can be, which says nothing of others.</summary>
    private static void MustBeOthers(string option, ImageSource images, ImageSource reference)
    {
        if (images.CopiesOf(reference) is not [var (copy, other), ..] copies) return;
        var told =
            $"{option} {images.Root}: {Images.Copies(copies.Count)} of images of --reference, the first: '{images.Names[copy]}' of '{reference.Names[other]}'";
        if (option == "--normal") throw new UserException($"{told}; give others");
        if (copies.Count == images.Count)
            throw new UserException($"{told}; give others, or ask for 'similar outliers' of one folder");
        Output.Progress($"{told}; their scores are low for that");
    }
}
