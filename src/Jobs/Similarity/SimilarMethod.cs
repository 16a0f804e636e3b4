using System.Text.Json.Nodes;
using DataSsl.Jobs.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Similarity;

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

    private protected static JsonArray Listed<T>(IEnumerable<T> of, Func<T, JsonNode?> node) => new([.. of.Select(node)]);

    private protected static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
