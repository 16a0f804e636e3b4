using System.Text.Json.Nodes;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Jobs.Similarity;

/// <summary>The images that look most like others.</summary>
/// <param name="Queries">Files.</param>
/// <param name="K">How many of each.</param>
internal sealed record NearestMethod(IReadOnlyList<string> Queries, int K) : SimilarMethod("nearest")
{
    private protected override SimilarResult Answer(SimilarRequest request)
    {
        // What cannot be answered is told before a folder is read.
        foreach (var query in Queries) ImageFile.Load(query, request.Source.Size, Images.MaxPixels, request.Source.Pixels.Format);
        var listed = request.List(request.Data);
        if (listed.Count == 1 && Queries.FirstOrDefault(query => Path.GetFullPath(query) == listed.PathOf(0)) is { } alone)
            throw new UserException($"--data {request.Data}: holds no image but the query '{alone}'; give others");
        var images = request.Load(listed);
        var queries = request.Load(ImageFiles.Of(Queries));
        using var embedder = request.Embedder(images);
        var place = Enumerable.Range(0, images.Count).GroupBy(images.PathOf).ToDictionary(same => same.Key, same => same.First());
        var found = NearestNeighbours.In(embedder.Embed(images), K + 1, embedder.Embed(queries));
        var answers = Enumerable.Range(0, queries.Count).Select(query =>
        {
            // The very file is no answer; a copy of it under another name is one.
            var own = place.GetValueOrDefault(queries.PathOf(query), -1);
            return (Query: query,
                Near: found.Of(query).Where(near => near.Place != own).Take(K).ToArray());
        }).ToArray();
        var record = request.Facts(embedder, ("data", images));
        record["k"] = K;
        record["queries"] = Listed(answers, answer => new JsonObject
        {
            ["query"] = queries.PathOf(answer.Query),
            ["nearest"] = Listed(answer.Near, near => new JsonObject { ["image"] = images.PathOf(near.Place), ["cosine"] = near.Cosine }),
        });
        return new(
            Queries.Count == 1
                ? Invariant($"nearest to {Queries[0]} of {Wording.Count(images.Count, "image")} of {request.Data}")
                : Invariant($"nearest to {Queries.Count:N0} queries of {Wording.Count(images.Count, "image")} of {request.Data}"),
            $"by cosine of the embeddings of {By(request, embedder)}",
            [
                .. answers.SelectMany(answer => answer.Near
                    .Select(near => Invariant($"  {near.Cosine:0.0000}  {images.NameOf(near.Place)}"))
                    .Prepend(queries.NameOf(answer.Query)).Skip(Queries.Count == 1 ? 1 : 0)),
            ],
            [
                .. answers.Select(answer => new PictureRow(
                    "", new(queries, answer.Query, "query"),
                    [.. answer.Near.Select(near => new Picture(images, near.Place, Invariant($"cosine {near.Cosine:0.000}")))])),
            ],
            record);
    }
}
