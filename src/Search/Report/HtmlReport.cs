using System.Text;
using System.Text.Json;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Results;

namespace DataSsl.Search.Report;

/// <summary>
/// Turns a search's result into one self-contained HTML page: no network, no other file, the same bytes for the same result.
/// </summary>
public static class HtmlReport
{
    /// <summary>Renders the page.</summary>
    /// <param name="space">The space that was searched.</param>
    /// <param name="curves">How the training went, where that is known.</param>
    /// <param name="verdict">Whether a winner is worth having, where that was measured.</param>
    /// <exception cref="UserException">The result does not fit the space.</exception>
    public static string Render(SearchSpace space, SearchResult result, TrainingCurves? curves = null, VerdictReport? verdict = null) =>
        Page(
            "main.js", JsonSerializer.Serialize(new PageBuilder(space, result).Build(curves, verdict), PageDataContext.Default.PageData),
            "search.json");

    /// <summary>Renders the page of a verdict by itself.</summary>
    public static string Render(VerdictReport verdict) =>
        Page("alone.js", JsonSerializer.Serialize(verdict, PageDataContext.Default.VerdictReport), VerdictReportJson.FileName);

    /// <summary>Renders the page of a survey.</summary>
    public static string Render(SurveyReport survey) =>
        Page("survey.js", JsonSerializer.Serialize(survey, PageDataContext.Default.SurveyReport), SurveyReportJson.FileName);

    private static string Page(string script, string data, string file) => new StringBuilder(Resource("index.html"))
        .Replace("/*style*/", Resource("style.css"))
        .Replace("/*script*/", new PageScript(Resource).Join(script))
        .Replace("/*file*/", file)
        .Replace("/*data*/", data)
        .ToString();

    private static string Resource(string name)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream($"report/{name}")!;
        return new StreamReader(stream).ReadToEnd();
    }
}
