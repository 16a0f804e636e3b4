using System.Xml.Linq;
using DataSsl.Search.Results;
using static DataSsl.Search.Report.Markup;

namespace DataSsl.Search.Report;

/// <summary>Turns a search's result into one self-contained HTML page: no network, no other file, the same bytes for the same result.</summary>
public static class HtmlReport
{
    /// <summary>Key of <see cref="SearchResult.Provenance"/> under which the command line of the search stands; the page shows it as the way to repeat it.</summary>
    public const string CommandKey = "command";

    /// <summary>Renders the page. It is well-formed XML as well as HTML, and everything from the result is escaped.</summary>
    public static string Render(SearchResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var winners = NumberedWinner.All(result);
        var page = E("html", A("lang", "en"), Head(result), E("body",
            E("main",
                E("h1", $"Architecture search: {result.Space}"),
                Summary.Of(result, winners),
                E("h2", "Score against cost"),
                E("div", Class("charts"), result.Tasks.Select((task, place) => new ParetoChart(result, task, winners).Draw(place))),
                E("h2", "Winners"),
                Tables.Winners(winners),
                result.References.Count > 0 ? Tables.References(result.References) : null,
                E("h2", "Provenance"),
                Tables.Facts("What the numbers came from.", [new("space", result.Space), new("space hash", result.SpaceHash), .. result.Provenance.Where(p => p.Key != CommandKey)]),
                E("h2", "How to repeat it"),
                Repeat(result)),
            E("div", A("id", "tip"), A("hidden", "hidden"), A("aria-hidden", "true")),
            E("script", Script.Text)));
        return $"<!DOCTYPE html>\n{page.ToString(SaveOptions.DisableFormatting)}\n";
    }

    private static XElement Head(SearchResult result) => E("head",
        E("meta", A("charset", "utf-8")),
        E("meta", A("name", "viewport"), A("content", "width=device-width, initial-scale=1")),
        E("title", $"Architecture search: {result.Space}"),
        E("style", Style.Sheet));

    private static IEnumerable<XElement> Repeat(SearchResult result)
    {
        if (result.Provenance.TryGetValue(CommandKey, out var command)) yield return E("pre", E("code", command));
        yield return E("p", "The scores depend on the space, the checkpoint, the images and the seed, each of which the provenance names by its hash or value. "
            + "Where all of them agree, and the libtorch and the device with them, the same command finds the same scores and the same winners; "
            + "on another device the last digits of a score may differ.");
    }
}
