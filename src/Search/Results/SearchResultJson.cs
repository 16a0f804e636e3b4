using System.Text.Json;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;

namespace DataSsl.Search.Results;

/// <summary>The file <c>search.json</c>.</summary>
public static class SearchResultJson
{
    /// <summary>
    /// Writes the result; the same result gives the same bytes. A reader never sees half a file: it is written beside and renamed.
    /// </summary>
    public static void Write(SearchResult result, string path) => SealedJson.Write(path, Serialize(result));

    /// <summary>The result as JSON text.</summary>
    public static string Serialize(SearchResult result) =>
        JsonSerializer.Serialize(Ordered(result), SearchResultJsonContext.Default.SearchResult);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="UserException">The file is missing, is not a search result, or was changed.</exception>
    public static SearchResult Read(string path) =>
        SealedJson.Read(path, "there is no such file; a search writes it", "a search result", "run the search again", text =>
    {
        var result = JsonSerializer.Deserialize(text, SearchResultJsonContext.Default.SearchResult)
            ?? throw new JsonException("it holds 'null'");
        return SearchResultCheck.FirstProblem(result) is { } problem ? throw new JsonException(problem) : result;
    });

    /// <summary>Scores in the order of the tasks, whatever dictionary they came in.</summary>
    private static SearchResult Ordered(SearchResult result)
    {
        var order = result.Tasks.Select(t => t.Name).Distinct().Index().ToDictionary(t => t.Item, t => t.Index);
        return result with
        {
            Candidates = [.. result.Candidates.Select(Sort)],
            Winners =
            [
                .. result.Winners.Select(
                    w =>
                        w with
                        {
                            Candidate = Sort(w.Candidate),
                            Confidence = w.Confidence is { } c ? c with { Cheapest = Sort(c.Cheapest) } : null,
                        }),
            ],
            Domains = result.Domains is { } domains ? [.. domains.Select(d => d with { OtherWinner = Sort(d.OtherWinner) })] : null,
        };

        Candidate Sort(Candidate candidate) => candidate with
        {
            Scores = new OrderedDictionary<string, double>(candidate.Scores
                .OrderBy(s => order.GetValueOrDefault(s.Key, int.MaxValue)).ThenBy(s => s.Key, StringComparer.Ordinal)),
        };
    }
}
