using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Costs;
using DataSsl.Search.Report;
using DataSsl.Search.Results;

namespace DataSsl.Search.Tests.Report;

public class HtmlReportTests
{
    private static readonly SearchSpace Space = Spaces.DataResNet.Space;
    private static readonly SearchResult Result = SyntheticSearch.Of(500);
    private static readonly string Page = HtmlReport.Render(Space, Result);

    [Fact]
    public void TheSameResultGivesTheSamePageInEveryCulture()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            var foreign = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            foreign.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = foreign;
            Assert.Equal(Page, HtmlReport.Render(Space, Result));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void ThePageNeedsNothingElse()
    {
        Assert.DoesNotMatch(@"(src|href)\s*=\s*[""']?(https?:)?//", Page);
        Assert.DoesNotMatch(@"@import|url\(\s*[""']?(https?:)?//", Page);
        Assert.DoesNotContain("/*data*/", Page);
    }

    [Fact]
    public void HostileTextEndsNoElement()
    {
        const string hostile = "</script><script>alert('x')</script><!--\"\0";
        var page = HtmlReport.Render(Space, Result with
        {
            Tasks = [new("classification", hostile, hostile)],
            Winners = [Result.Winners[0] with { ClassName = hostile, SourceFile = hostile }],
            Provenance = new Dictionary<string, string> { [hostile] = hostile, ["command"] = hostile, ["checkpoint"] = hostile },
        });

        Assert.Equal(2, Regex.Matches(page, "</script>").Count);
        Assert.Equal(hostile, (string?)Data(page)["command"]);

        // A verdict's names come from files' names.
        var verdict = SyntheticVerdict.Of();
        verdict = verdict with
        {
            Sentence = hostile,
            LeftOut = hostile,
            Rows = [.. verdict.Rows.Select(r => r with { Name = hostile, Origin = hostile, Architecture = hostile })],
            Provenance = new Dictionary<string, string> { [hostile] = hostile, ["command"] = hostile },
        };
        foreach (var one in new[] { HtmlReport.Render(verdict), HtmlReport.Render(Space, Result, null, verdict) })
            Assert.Equal(2, Regex.Matches(one, "</script>").Count);
    }

    [Fact]
    public void ColumnsHoldEveryCandidate()
    {
        var data = Data(Page);
        var (macs, scores) = (Floats(data["measures"]![0]!["values"]), Floats(data["rankings"]!["scores"]![1]));
        var segments = data["segments"]!.AsArray();
        var codes = segments.Select(s => Convert.FromBase64String((string)s!["codes"]!)).ToList();
        Assert.Equal(Result.Candidates.Count, (int)data["count"]!);
        foreach (var (i, candidate) in Result.Candidates.Index())
        {
            Assert.Equal((float)candidate.Macs, macs[i]);
            Assert.Equal((float)candidate.Scores["detection"], scores[i]);
            var text = segments.Select((s, part) => $"{(string)s!["name"]!}={(string)s["forms"]![codes[part][i]]!["text"]!}");
            Assert.Equal(candidate.Architecture, string.Join(' ', text));
        }
    }

    [Fact]
    public void GroupsHoldTheirMembers()
    {
        var groups = Data(Page)["groups"]!.AsArray();
        Assert.Equal(["all candidates", "2-3G", "3-4G", "4-5G", "5-6G", "6-7G", "7-8G", "8-9G"], groups.Select(g => (string)g!["name"]!));
        foreach (var winner in Result.Winners)
        {
            var group = groups.Single(g => (string)g!["name"]! == winner.Budget)!;
            var bits = Convert.FromBase64String((string)group["bits"]!);
            var members = Enumerable.Range(0, Result.Candidates.Count).Where(i => (bits[i / 8] >> (i % 8) & 1) == 1).ToList();
            Assert.Equal(winner.Members, members.Count);
            Assert.Equal(winner.Members, (int)group["members"]!);
            var low = (winner.Budget[0] - '0') * 1e9;
            Assert.All(members, i => Assert.InRange(Result.Candidates[i].Macs, low, low + 1e9 - 1));
        }
    }

    [Fact]
    public void WinnersAreNumberedAndRankedForEveryTask()
    {
        var winners = Data(Page)["winners"]!.AsArray();
        Assert.Equal(Enumerable.Range(1, Result.Winners.Count), winners.Select(w => (int)w!["number"]!));
        foreach (var (shown, winner) in winners.Zip(Result.Winners))
        {
            var members = SyntheticSearch.Members(Result, winner);
            var expected = Result.Tasks.Select(t => 1 + members.Count(m => m.Scores[t.Name] > winner.Candidate.Scores[t.Name]));
            Assert.Equal(expected, shown!["ranks"]!.AsArray().Select(r => (int)r!));
            Assert.Equal(winner.Candidate, Result.Candidates[(int)shown["at"]!]);
        }
    }

    [Fact]
    public void AnotherDomainsWinnersAreFoundAmongTheCandidates()
    {
        var result = SyntheticSearch.WithOppositeDomain(Result);

        var domains = Data(HtmlReport.Render(Space, result))["domains"]!.AsArray();

        Assert.Equal(["aerial", "blood"], domains.Select(d => (string)d!["name"]!));
        foreach (var (shown, winner) in domains[1]!["comparisons"]!.AsArray().Zip(result.Winners))
        {
            var members = SyntheticSearch.Members(result, winner);
            Assert.Equal(members.MinBy(c => c.Scores[winner.Task]), result.Candidates[(int)shown!["at"]!]);
            Assert.Equal((members.Count, members.Count), ((int)shown["rank"]!, (int)shown["ownRank"]!));
            if (members.Count > 1) Assert.Equal(-1, (double)shown["spearman"]!, 12);
        }
    }

    [Fact]
    public void ConfidenceIsShownWhereItIsKnown()
    {
        var (first, second) = (Result.Winners[0], Result.Winners[1] with { Confidence = null });

        var winners = Data(HtmlReport.Render(Space, Result with { Winners = [first, second] }))["winners"]!.AsArray();

        Assert.Equal(first.Confidence!.Tied.Count, (int)winners[0]!["confidence"]!["tied"]!);
        Assert.Equal(first.Confidence.Cheapest.Architecture, (string?)winners[0]!["confidence"]!["cheapest"]);
        Assert.Null(winners[1]!["confidence"]);
    }

    [Fact]
    public void WhatLikenessCannotRankIsCounted()
    {
        var (first, second) = (Result.Winners[0], Result.Winners[1]);

        var winners = Data(
            HtmlReport.Render(
                Space, Result with { Winners = [first with { TooNear = [first.Candidate.Index, 0] }, second with { TooNear = null }] }))
            ["winners"]!.AsArray();

        Assert.Equal((2, true), ((int)winners[0]!["tooNear"]!, (bool)winners[0]!["isTooNear"]!));
        Assert.Null(winners[1]!["tooNear"]);
    }

    [Fact]
    public void ABudgetOfSeveralLimitsHoldsWhatFulfilsAll()
    {
        var winner = Result.Winners[0] with { Budget = "2-9G and params<=30M and memory<=8M" };

        var data = Data(HtmlReport.Render(Space, Result with { Winners = [winner] }));

        var group = data["groups"]![1]!;
        Assert.Equal(["MACs", "Parameters", "Activations"], data["measures"]!.AsArray().Select(m => (string)m!["name"]!));
        Assert.Equal(["MACs", "Parameters", "Activations"], group["bounds"]!.AsObject().Select(b => b.Key));
        var budget = Budget.Parse(winner.Budget);
        Assert.Equal(Result.Candidates.Count(c => budget.Contains(Space.Parse(c.Architecture), Result.Size)), (int)group["members"]!);
        Assert.InRange((int)group["members"]!, 1, Result.Candidates.Count - 1);
    }

    [Fact]
    public void AnEmptyResultIsAPageToo() =>
        Assert.Equal(0, (int)Data(HtmlReport.Render(Space, Result with { Candidates = [], Winners = [], References = [] }))["count"]!);

    [Fact]
    public void ScoresThatAreNotNumbersWinNothing()
    {
        var broken = Result.Candidates[0] with
        {
            Scores = new Dictionary<string, double> { ["classification"] = double.NaN, ["detection"] = double.PositiveInfinity },
        };

        var data = Data(
            HtmlReport.Render(
                Space,
                Result with { Candidates = [broken, .. Result.Candidates.Skip(1)], Winners = [new("detection", "2-3G", broken, 1)] }));

        Assert.Null(data["winners"]![0]!["score"]);
        Assert.DoesNotContain(0, data["rankings"]!["fronts"]![0]![0]![0]!.AsArray().Select(i => (int)i!));
    }

    private static JsonNode Data(string page) =>
        JsonNode.Parse(
            Regex.Match(page, """<script type="application/json" id="data">(.*?)</script>""", RegexOptions.Singleline).Groups[1].Value)!;

    private static float[] Floats(JsonNode? column) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(Convert.FromBase64String((string)column!)).ToArray();
}
