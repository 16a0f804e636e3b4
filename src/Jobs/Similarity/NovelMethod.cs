using System.Text.Json.Nodes;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Jobs.Similarity;

/// <summary>The images that a reference has least of.</summary>
/// <param name="Reference">What is known.</param>
/// <param name="Normal">More of the reference's kind, which score low where the score is worth something; null for none.</param>
/// <param name="Novelty">The score.</param>
internal sealed record NovelMethod(string Reference, string? Normal, INovelty Novelty) : StrangestMethod("novel")
{
    private protected override SimilarResult Answer(SimilarRequest request)
    {
        Novelty.MustSuit(request.Source);
        var sets = Sets(request);
        var (reference, images, normal) = (sets.Reference, sets.Images, sets.Normal);
        using var embedder = request.Embedder(reference);
        var found = Novelty.Measure(sets, embedder, request.Seed);
        var (scores, own) = (found.Images, found.Own.Order().ToArray());
        Auroc? auroc = found.Normal is null ? null : Auroc.Of(found.Normal, scores);
        var ranked = Ranked(scores);
        var record = request.Facts(
            embedder, [("data", images), ("reference", reference), .. normal is null ? [] : new[] { ("normal", normal) }]);
        foreach (var (name, fact) in found.Facts) record[name] = fact?.DeepClone();
        if (auroc is { } area)
            record["auroc"] = new JsonObject { ["value"] = area.Value, ["low"] = area.Low, ["high"] = area.High };
        record["novel"] = Listed(ranked, i =>
        {
            var one = new JsonObject { ["image"] = images.PathOf(i), ["score"] = scores[i], ["above"] = Above(scores[i]) };
            if (found.Of is not null) one["at"] = found.Of(i);
            return one;
        });
        var shown = ranked.Take(request.Show).ToArray();
        return new(
            Invariant($"novel to {Reference}: {Wording.Count(images.Count, "image")} of {request.Data}"),
            Invariant(
                $"score: {found.What}, whose own scores, each left out, are {Quantile.Of(own, 0.5):0.0000} in the middle and at most {own[^1]:0.0000}{(auroc is { } a ? $"; AUROC against {Wording.Count(normal!.Count, "normal image")}: {a.Value:0.0000} ({a.Low:0.0000} to {a.High:0.0000})" : "")}; {By(request, embedder)}"),
            [
                .. shown.Select(i => Invariant(
                    $"  {scores[i]:0.0000}  above {100 * Above(scores[i]),5:0.0} % of the reference  {images.NameOf(i)}")),
            ],
            [.. shown.Select(i => found.Row(i, Invariant($"{scores[i]:0.000}, above {100 * Above(scores[i]):0.0} % of the reference")))],
            record);

        double Above(double score) => Quantile.Below(own, score) / (double)own.Length;
    }

    /// <summary>The images, once what is wrong with their lists is told.</summary>
    private NovelSets Sets(SimilarRequest request)
    {
        var (referenceListed, listed) = (Several(request, "--reference", Reference), request.List(request.Data));
        var normalListed = Normal is null ? null : request.List(Normal);
        MustBeOthers("--data", listed, referenceListed);
        if (normalListed is not null) MustBeOthers("--normal", normalListed, referenceListed);
        var (reference, images) = (request.Load(referenceListed), request.Load(listed));
        return new(reference, Distinct("--reference", reference), images, normalListed is null ? null : request.Load(normalListed));
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
        Notices.Tell($"{told}; their scores are low for that");
    }
}
