using System.Text.Json;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;

namespace DataSsl.Search.Results;

/// <summary>The file <c>search.json</c>.</summary>
public static class SearchResultJson
{
    /// <summary>Writes the result; the same result gives the same bytes. A reader never sees half a file: it is written beside and renamed.</summary>
    public static void Write(SearchResult result, string path) => AtomicFile.WriteText(path, Serialize(result) + "\n");

    /// <summary>The result as JSON text.</summary>
    public static string Serialize(SearchResult result) => JsonSerializer.Serialize(Ordered(result), SearchResultJsonContext.Default.SearchResult);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="UserException">The file is missing or is not a search result.</exception>
    public static SearchResult Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var result = JsonSerializer.Deserialize(stream, SearchResultJsonContext.Default.SearchResult)
                ?? throw new UserException($"{path}: holds 'null', not a search result; run the search again.");
            return SearchResultCheck.FirstProblem(result) is { } problem ? throw new UserException($"{path}: not a whole search result ({problem}); run the search again.") : result;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserException($"{path}: there is no such file; a search writes it.", e);
        }
        catch (JsonException e)
        {
            throw new UserException($"{path}, line {e.LineNumber + 1}: not a search result ({e.Message.Split(" Path:")[0]}); run the search again.", e);
        }
    }

    /// <summary>Scores in the order of the tasks, whatever dictionary they came in.</summary>
    private static SearchResult Ordered(SearchResult result)
    {
        var order = result.Tasks.Select(t => t.Name).Distinct().Index().ToDictionary(t => t.Item, t => t.Index);
        return result with
        {
            Candidates = [.. result.Candidates.Select(Sort)],
            Winners = [.. result.Winners.Select(w => w with { Candidate = Sort(w.Candidate), Confidence = w.Confidence is { } c ? c with { Cheapest = Sort(c.Cheapest) } : null })],
            Domains = result.Domains is { } domains ? [.. domains.Select(d => d with { OtherWinner = Sort(d.OtherWinner) })] : null,
        };

        Candidate Sort(Candidate candidate) => candidate with
        {
            Scores = new OrderedDictionary<string, double>(candidate.Scores
                .OrderBy(s => order.GetValueOrDefault(s.Key, int.MaxValue)).ThenBy(s => s.Key, StringComparer.Ordinal)),
        };
    }
}
