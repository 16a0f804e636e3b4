using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Evaluation;

namespace DataSsl.Jobs.Similarity;

/// <summary>Images in groups of like ones.</summary>
/// <param name="Count">Groups.</param>
internal sealed record ClustersMethod(int Count) : SimilarMethod("clusters")
{
    private protected override SimilarResult Answer(SimilarRequest request)
    {
        var listed = request.List(request.Data);
        MustHave(listed.Count);
        var images = request.Load(listed);
        MustHave(images.Count);
        using var embedder = request.Embedder(images);
        var clusters = KMeans.Fit(embedder.Embed(images), Count, request.Seed)
            ?? throw new UserException(
                $"--clusters {Count}: there are fewer different embeddings of {request.Data}; give a smaller number");
        var record = request.Facts(embedder, ("data", images));
        record["inertia"] = clusters.Inertia;
        record["clusters"] = Listed(clusters.Members, members => Listed(members, i => images.PathOf(i)));
        return new(
            Invariant($"{Wording.Count(Count, "cluster")} of {Wording.Count(images.Count, "image")} of {request.Data}"),
            Invariant(
                $"k-means on embeddings of length 1, inertia {clusters.Inertia:0.###}, seed {request.Seed}; those nearest to the middle of a cluster first; {By(request, embedder)}"),
            [
                .. clusters.Members.Select((members, number) => Invariant(
                    $"  {number + 1}: {Wording.Count(members.Length, "image")}, such as {string.Join(", ", members.Take(3).Select(images.NameOf))}")),
            ],
            [
                .. clusters.Members.Select((members, number) => new PictureRow(
                    Invariant($"{number + 1}: {Wording.Count(members.Length, "image")}"), null,
                    [.. members.Take(request.Show).Select(i => new Picture(images, i, ""))])),
            ],
            record);

        void MustHave(int count)
        {
            if (Count > count)
                throw new UserException($"--clusters {Count}: {request.Data} has {Wording.Count(count, "image")}; give a smaller number");
        }
    }
}
