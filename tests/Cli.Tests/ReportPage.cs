using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DataSsl.Cli.Tests;

/// <summary>What a report.html is told to show.</summary>
internal static class ReportPage
{
    public static JsonNode Data(string folder) =>
        JsonNode.Parse(
            Regex.Match(
                File.ReadAllText(Path.Combine(folder, "report.html")), """<script type="application/json" id="data">(.*?)</script>""",
                RegexOptions.Singleline).Groups[1].Value)!;
}
