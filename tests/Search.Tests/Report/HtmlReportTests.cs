using System.Globalization;
using System.Xml.Linq;
using DataSsl.Search.Report;
using DataSsl.Search.Results;

namespace DataSsl.Search.Tests.Report;

public class HtmlReportTests
{
    private static readonly SearchResult Result = SyntheticSearch.Of(500);
    private static readonly string Page = HtmlReport.Render(Result);

    [Fact]
    public void ThePageIsWellFormed() => Assert.Equal("html", XDocument.Parse(Page).Root!.Name);

    [Fact]
    public void OnlyVoidAndSvgElementsCloseThemselves()
    {
        var empty = XDocument.Parse(Page).Descendants().Where(e => e.IsEmpty).Select(e => e.Name.LocalName).Distinct();

        Assert.Subset(new HashSet<string> { "meta", "br", "line", "circle", "rect", "path" }, empty.ToHashSet());
    }

    [Fact]
    public void EveryWinnerIsInTheTableAndInItsPicture()
    {
        var page = XDocument.Parse(Page);
        var links = page.Descendants("a").Select(a => a.Attribute("href")!.Value).ToHashSet();
        foreach (var (i, winner) in Result.Winners.Index())
        {
            var row = page.Descendants("tr").Single(r => r.Attribute("id")?.Value == $"winner-{i + 1}").Value;
            Assert.Contains(winner.Candidate.Architecture, row);
            Assert.Contains(winner.ClassName!, row);
            Assert.Contains($"#winner-{i + 1}", links);
        }
        Assert.Equal(Result.Tasks.Count, page.Descendants("figure").Count());
    }

    [Fact]
    public void OneArchitectureThatWinsTwiceGetsOneMark()
    {
        var first = Result.Winners[0];
        var page = XDocument.Parse(HtmlReport.Render(Result with { Winners = [first, first with { Budget = "<=9G" }] }));

        Assert.Equal("1·2", Assert.Single(page.Descendants("a")).Value);
    }

    [Fact]
    public void HostileTextIsOnlyText()
    {
        const string hostile = "<script>alert('x')</script>&amp;\"\0\uD800";
        var winner = Result.Winners[0] with { ClassName = hostile, SourceFile = hostile, Budget = hostile, Candidate = Result.Winners[0].Candidate with { Architecture = hostile } };
        var page = HtmlReport.Render(Result with
        {
            Space = hostile,
            Tasks = [new("classification", hostile, hostile)],
            Winners = [winner],
            References = [new(hostile, hostile, 4_000_000_000, 1)],
            Provenance = new Dictionary<string, string> { [hostile] = hostile, ["command"] = hostile },
        });

        Assert.Single(XDocument.Parse(page).Descendants("script"));
        Assert.DoesNotContain("<script>alert", page);
    }

    [Fact]
    public void StyleAndScriptReadTheSameAsXmlAndAsHtml()
    {
        // HTML does not undo escapes inside these two, so there must be none.
        foreach (var element in XDocument.Parse(Page).Descendants().Where(e => e.Name.LocalName is "style" or "script"))
            Assert.DoesNotContain(element.Value, c => c is '<' or '>' or '&');
    }

    [Fact]
    public void NothingIsFetched()
    {
        Assert.DoesNotContain("http", Page);
        Assert.DoesNotContain("url(", Page);
        Assert.DoesNotContain("@import", Page);
        Assert.DoesNotContain(XDocument.Parse(Page).Descendants(), e => e.Attribute("src") is not null || e.Name == "link");
    }

    [Fact]
    public void TheSameResultGivesTheSameBytesInEveryCulture()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = comma;
            Assert.Equal(Page, HtmlReport.Render(SyntheticSearch.Of(500)));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void NothingFoundIsStillAPage()
    {
        var page = HtmlReport.Render(Result with { Candidates = [], Winners = [], References = [] });

        Assert.Contains("There is no winner.", XDocument.Parse(page).Root!.Value);
    }

    [Fact]
    public void ScoresThatAreNotNumbersAreLeftOut()
    {
        var broken = Result.Candidates[0] with { Scores = new Dictionary<string, double> { ["classification"] = double.NaN, ["detection"] = double.PositiveInfinity } };
        var page = HtmlReport.Render(Result with { Candidates = [.. Result.Candidates, broken], Winners = [.. Result.Winners, new("detection", "x", broken, 1)] });

        Assert.All(XDocument.Parse(page).Descendants("svg").Descendants("path"), p => Assert.DoesNotContain("NaN", p.Attribute("d")!.Value));
    }
}
