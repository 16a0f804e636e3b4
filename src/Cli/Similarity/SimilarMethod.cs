using System.Text.Json.Nodes;
using DataSsl.Cli.Terminal;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Cli.Similarity;

/// <summary>A question about how images lie to each other in a network's embeddings.</summary>
/// <param name="Name">The sub-verb's.</param>
internal abstract record SimilarMethod(string Name)
{
    /// <summary>Neighbours that are pictured beside an image.</summary>
    private protected const int Pictured = 5;

    /// <summary>The answer.</summary>
    public SimilarResult Run(SimilarRequest request)
    {
        using var scope = NewDisposeScope();
        var result = Answer(request);
        result.Record.Insert(0, "method", Name);
        return result;
    }

    private protected abstract SimilarResult Answer(SimilarRequest request);

    /// <summary>What made the answer, in words.</summary>
    private protected static string By(SimilarRequest request, ImageEmbedder embedder) =>
        FormattableString.Invariant($"{request.Source.Title}, {request.Source.Size} px; BatchNorm: {embedder.BatchNorm}");

    private protected static JsonArray Array<T>(IEnumerable<T> of, Func<T, JsonNode?> node) => new([.. of.Select(node)]);

    private protected static JsonObject Near(ImageStore store, int index, double cosine) =>
        new() { ["image"] = store.PathOf(index), ["cosine"] = cosine };

    private protected static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>The images that look most like others.</summary>
/// <param name="Queries">Files.</param>
/// <param name="K">How many of each.</param>
internal sealed record NearestMethod(IReadOnlyList<string> Queries, int K) : SimilarMethod("nearest")
{
    private protected override SimilarResult Answer(SimilarRequest request)
    {
        // What cannot be answered is told before a folder is read.
        foreach (var query in Queries) ImageFile.Load(query, request.Source.Size, Shared.Images.MaxPixels);
        var images = request.Load(request.Data);
        var queries = Shared.Images.Load(ImageFiles.Of(Queries), request.Source.Size);
        using var embedder = request.Embedder(images);
        var place = Enumerable.Range(0, images.Count).GroupBy(images.PathOf).ToDictionary(same => same.Key, same => same.First());
        var found = NearestNeighbours.Of(embedder.Embed(images), K + 1, embedder.Embed(queries));
        var answers = Enumerable.Range(0, queries.Count).Select(query =>
        {
            // The very file is no answer; a copy of it under another name is one.
            var own = place.GetValueOrDefault(queries.PathOf(query), -1);
            return (Query: query,
                Near: found.Indices(query).ToArray().Zip(found.Cosines(query).ToArray()).Where(one => one.First != own).Take(K).ToArray());
        }).ToArray();
        if (answers.FirstOrDefault(answer => answer.Near.Length == 0) is { Near: not null } alone)
            throw new UserException($"--data {request.Data}: holds no image but the query '{queries.NameOf(alone.Query)}'; give others");
        var record = request.Facts(embedder, ("data", images));
        record["k"] = K;
        record["queries"] = Array(answers, answer => new JsonObject
        {
            ["query"] = queries.PathOf(answer.Query),
            ["nearest"] = Array(answer.Near, near => Near(images, near.First, near.Second)),
        });
        return new(
            Queries.Count == 1
                ? Invariant($"nearest to {Queries[0]} of {Output.Count(images.Count, "image")} of {request.Data}")
                : Invariant($"nearest to {Queries.Count:N0} queries of {Output.Count(images.Count, "image")} of {request.Data}"),
            $"by cosine of the embeddings of {By(request, embedder)}",
            [
                .. answers.SelectMany(answer => answer.Near.Select(near => Invariant($"  {near.Second:0.0000}  {images.NameOf(near.First)}"))
                    .Prepend(queries.NameOf(answer.Query)).Skip(Queries.Count == 1 ? 1 : 0)),
            ],
            [
                .. answers.Select(answer => new PictureRow(
                    "", new(queries, answer.Query, "query"),
                    [.. answer.Near.Select(near => new Picture(images, near.First, Invariant($"{near.Second:0.000}")))])),
            ],
            record);
    }
}

/// <summary>Images in the order of a score of strangeness.</summary>
internal abstract record StrangestMethod(string Name, int K) : SimilarMethod(Name)
{
    /// <summary>The strangest first; of equals the first in the images' order.</summary>
    private protected static int[] Ranked(IReadOnlyList<double> scores) =>
        [.. Enumerable.Range(0, scores.Count).OrderByDescending(i => scores[i])];

    private protected static double[] Scores(NearestNeighbours near, int count) =>
        [.. Enumerable.Range(0, count).Select(near.MeanDistance)];

    /// <summary>An image beside the nearest that it has: what it is strange to.</summary>
    private protected static PictureRow Row(Picture image, NearestNeighbours near, int query, Func<int, (ImageStore, int)> of)
    {
        var (places, cosines) = (near.Indices(query).ToArray(), near.Cosines(query).ToArray());
        return new(
            "", image,
            [
                .. places.Zip(cosines).Take(Pictured).Select(one =>
                {
                    var (store, index) = of(one.First);
                    return new Picture(store, index, Invariant($"{one.Second:0.000}"));
                }),
            ]);
    }

    /// <summary>The images that are no copies of others, told where some are left out.</summary>
    private protected static int[] Distinct(ImageStore store)
    {
        var distinct = store.Distinct();
        if (distinct.Length < store.Count)
            Output.Progress(
                $"{store.Source.Root}: {Shared.Images.Copies(store.Count - distinct.Length)} of others in it: left out, as an image is never strange beside its copy");
        return distinct;
    }
}

/// <summary>The images that a reference has least of.</summary>
/// <param name="Reference">What is known.</param>
/// <param name="Normal">More of the reference's kind, which score low where the score is worth something; null for none.</param>
/// <param name="K">Neighbours that the score is the mean distance to.</param>
internal sealed record NovelMethod(string Reference, string? Normal, int K) : StrangestMethod("novel", K)
{
    private protected override SimilarResult Answer(SimilarRequest request)
    {
        var (reference, images) = (request.Load(Reference), request.Load(request.Data));
        var normal = Normal is null ? null : request.Load(Normal);
        MustBeOthers("--data", request.Data, images, reference);
        if (normal is not null) MustBeOthers("--normal", Normal!, normal, reference);
        var known = Distinct(reference);
        if (known.Length < 2) throw new UserException($"--reference {Reference}: holds one image; give two or more");
        using var embedder = request.Embedder(reference);
        var bank = embedder.Embed(reference, known);
        var near = NearestNeighbours.Of(bank, K, embedder.Embed(images));
        var scores = Scores(near, images.Count);
        var own = Scores(NearestNeighbours.Of(bank, K), known.Length).Order().ToArray();
        var normals = normal is null ? null : Scores(NearestNeighbours.Of(bank, K, embedder.Embed(normal)), normal.Count);
        double? auroc = normals is null ? null : Auroc.Of(normals, scores);
        var ranked = Ranked(scores);
        var record = request.Facts(
            embedder, [("data", images), ("reference", reference), .. normal is null ? [] : new[] { ("normal", normal) }]);
        record["k"] = K;
        if (auroc is { } area) record["auroc"] = area;
        record["novel"] = Array(ranked, i => new JsonObject
        {
            ["image"] = images.PathOf(i),
            ["score"] = scores[i],
            ["above"] = Above(scores[i]),
            ["nearest"] = Array(near.Indices(i).ToArray().Zip(near.Cosines(i).ToArray()), one => Near(reference, known[one.First], one.Second)),
        });
        var shown = ranked.Take(request.Show).ToArray();
        return new(
            Invariant($"novel to {Reference}: {Output.Count(images.Count, "image")} of {request.Data}"),
            Invariant(
                $"score: mean cosine distance to the {near.K:N0} nearest of {Output.Count(known.Length, "reference image")}, whose own scores, each left out, are {Quantile.Of(own, 0.5):0.0000} in the middle and below {own[^1]:0.0000}{(auroc is { } a ? $"; AUROC against {Output.Count(normal!.Count, "normal image")}: {a:0.0000}" : "")}; {By(request, embedder)}"),
            [.. shown.Select(i => Invariant($"  {scores[i]:0.0000}  above {100 * Above(scores[i]),5:0.0} % of the reference  {images.NameOf(i)}"))],
            [
                .. shown.Select(i => Row(
                    new(images, i, Invariant($"{scores[i]:0.000}, above {100 * Above(scores[i]):0.0} % of the reference")), near, i,
                    place => (reference, known[place]))),
            ],
            record);

        double Above(double score) => own.Count(one => one < score) / (double)own.Length;
    }

    /// <summary>An image that is in the reference is as near to it as can be, which says nothing of others.</summary>
    private static void MustBeOthers(string option, string path, ImageStore store, ImageStore reference)
    {
        if (store.Source.CopiesOf(reference.Source) is not [var (copy, other), ..] copies) return;
        var first = $"'{store.Source.Names[copy]}' of '{reference.Source.Names[other]}'";
        if (option == "--normal" || copies.Count == store.Source.Count)
            throw new UserException(
                $"{option} {path}: {Shared.Images.Copies(copies.Count)} of images of --reference, the first: {first}; give others{(option == "--data" ? ", or ask for 'similar outliers' of one folder" : "")}");
        Output.Progress($"{option} {path}: {Shared.Images.Copies(copies.Count)} of images of --reference, the first: {first}; their scores are low for that");
    }
}

/// <summary>The images that fit least into their own set.</summary>
internal sealed record OutliersMethod(int K) : StrangestMethod("outliers", K)
{
    private protected override SimilarResult Answer(SimilarRequest request)
    {
        var images = request.Load(request.Data);
        var distinct = Distinct(images);
        if (distinct.Length < 2) throw new UserException($"--data {request.Data}: holds one image; give two or more");
        using var embedder = request.Embedder(images);
        var near = NearestNeighbours.Of(embedder.Embed(images, distinct), K);
        var scores = Scores(near, distinct.Length);
        var ranked = Ranked(scores);
        var record = request.Facts(embedder, ("data", images));
        record["k"] = K;
        record["outliers"] = Array(ranked, i => new JsonObject
        {
            ["image"] = images.PathOf(distinct[i]),
            ["score"] = scores[i],
            ["nearest"] = Array(near.Indices(i).ToArray().Zip(near.Cosines(i).ToArray()), one => Near(images, distinct[one.First], one.Second)),
        });
        var shown = ranked.Take(request.Show).ToArray();
        return new(
            Invariant($"outliers of {Output.Count(distinct.Length, "image")} of {request.Data}"),
            Invariant(
                $"score: mean cosine distance to the {near.K:N0} nearest others; {Quantile.Of(scores.Order().ToArray(), 0.5):0.0000} in the middle; {By(request, embedder)}"),
            [.. shown.Select(i => Invariant($"  {scores[i]:0.0000}  {images.NameOf(distinct[i])}"))],
            [
                .. shown.Select(i => Row(
                    new(images, distinct[i], Invariant($"{scores[i]:0.000}")), near, i, place => (images, distinct[place]))),
            ],
            record);
    }
}

/// <summary>Images in groups of like ones.</summary>
/// <param name="Count">Groups.</param>
internal sealed record ClustersMethod(int Count) : SimilarMethod("clusters")
{
    private protected override SimilarResult Answer(SimilarRequest request)
    {
        var images = request.Load(request.Data);
        MustHave(images.Count);
        using var embedder = request.Embedder(images);
        var clusters = KMeans.Fit(embedder.Embed(images), Count, request.Seed)
            ?? throw new UserException($"--clusters {Count}: there are fewer different embeddings of {request.Data}; give a smaller number");
        var record = request.Facts(embedder, ("data", images));
        record["inertia"] = clusters.Inertia;
        record["clusters"] = Array(clusters.Members, members => Array(members, i => images.PathOf(i)));
        return new(
            Invariant($"{Output.Count(Count, "cluster")} of {Output.Count(images.Count, "image")} of {request.Data}"),
            Invariant(
                $"k-means on embeddings of length 1, inertia {clusters.Inertia:0.###}, seed {request.Seed}; those nearest to the middle of a cluster first; {By(request, embedder)}"),
            [
                .. clusters.Members.Select((members, number) => Invariant(
                    $"  {number + 1}: {Output.Count(members.Length, "image")}, such as {string.Join(", ", members.Take(3).Select(images.NameOf))}")),
            ],
            [
                .. clusters.Members.Select((members, number) => new PictureRow(
                    Invariant($"{number + 1}: {Output.Count(members.Length, "image")}"), null,
                    [.. members.Take(request.Show).Select(i => new Picture(images, i, ""))])),
            ],
            record);

        void MustHave(int count)
        {
            if (Count > count)
                throw new UserException($"--clusters {Count}: {request.Data} has {Output.Count(count, "image")}; give a smaller number");
        }
    }
}
