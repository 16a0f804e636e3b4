using System.Xml.Linq;
using DataSsl.Search.Results;
using static DataSsl.Search.Report.Markup;

namespace DataSsl.Search.Report;

/// <summary>The page's tables. On a phone the style turns rows into cards; the roles keep them tables for screen readers then.</summary>
internal static class Tables
{
    private static readonly string[] WinnerColumns = ["No.", "Task", "Budget", "Architecture", "MACs", "Parameters", "Score", "Class", "Proof"];

    /// <summary>The winners, one a row, each with its diagram.</summary>
    public static XElement Winners(IReadOnlyList<NumberedWinner> winners)
    {
        var diagrams = new ArchitectureDiagram(winners.Select(w => w.Winner.Candidate.Architecture));
        return E("table", Class("winners"), A("role", "table"),
            E("caption", "Bars: one a block, as high as its channels; all to one scale."),
            E("thead", A("role", "rowgroup"), Row(WinnerColumns.Select(c => E("th", A("scope", "col"), A("role", "columnheader"), c)))),
            E("tbody", A("role", "rowgroup"), winners.Select(w => Winner(w, diagrams))));
    }

    /// <summary>Names and values, such as the provenance.</summary>
    public static XElement Facts(string caption, IEnumerable<KeyValuePair<string, string>> facts) =>
        E("table", Class("facts"),
            E("caption", caption),
            E("tbody", facts.Select(f => E("tr", E("th", A("scope", "row"), f.Key), E("td", f.Value)))));

    /// <summary>The anchors, for comparison with the winners.</summary>
    public static XElement References(IEnumerable<Reference> references) =>
        E("table", Class("facts"),
            E("caption", "Anchors, for comparison; they are not scored."),
            E("tbody", references.Select(r => E("tr", E("th", A("scope", "row"), r.Name),
                E("td", $"{Numbers.Short(r.Macs)} MACs, {Numbers.Short(r.Parameters)} parameters", E("br"), E("code", r.Architecture))))));

    private static XElement Winner(NumberedWinner numbered, ArchitectureDiagram diagrams)
    {
        var (winner, candidate) = (numbered.Winner, numbered.Winner.Candidate);
        object[] cells =
        [
            E("b", Class("badge"), Numbers.Count(numbered.Number)),
            winner.Task,
            new object[] { winner.Budget, E("small", $"best of {Numbers.Count(winner.Members)}") },
            new object?[] { diagrams.Draw(candidate.Architecture), E("code", candidate.Architecture) },
            Numbers.Short(candidate.Macs),
            Numbers.Short(candidate.Parameters),
            Numbers.Score(numbered.Score),
            winner.ClassName is null ? "not emitted" : new object?[] { E("code", winner.ClassName), File(winner.SourceFile), File(winner.WeightsFile) },
            Proof(winner.ProofMaxAbsDifference),
        ];
        return Row(cells.Zip(WinnerColumns, (cell, column) =>
            E("td", A("role", "cell"), A("data-label", column), column is "MACs" or "Parameters" or "Score" ? Class("number") : null, cell)), A("id", numbered.RowId));
    }

    private static XElement? File(string? path) => path is null ? null : E("small", path);

    private static object Proof(double? difference) => difference switch
    {
        null => "none",
        0 => new object[] { "exact", E("small", "difference 0") },
        { } d => new object[] { "equal within", E("small", Numbers.Difference(d)) },
    };

    private static XElement Row(IEnumerable<XElement> cells, XAttribute? id = null) => E("tr", A("role", "row"), id, cells);
}
