using DataSsl.Runtime;
using DataSsl.Search.Results;
using DataSsl.Search.Tests.Report;

namespace DataSsl.Search.Tests.Results;

public sealed class SearchResultJsonTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("datassl-").FullName;

    private string Path => System.IO.Path.Combine(folder, "search.json");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void WhatIsReadIsWhatWasWritten()
    {
        var result = SyntheticSearch.Of(50);

        SearchResultJson.Write(result, Path);
        var first = File.ReadAllText(Path);
        var read = SearchResultJson.Read(Path);
        SearchResultJson.Write(read, Path);

        Assert.Equal(first, File.ReadAllText(Path));
        Assert.Equal(result.Candidates[7].Scores, read.Candidates[7].Scores);
        Assert.Equal(result.Provenance, read.Provenance);
        Assert.Equal(result.Winners[0].ProofMaxAbsDifference, read.Winners[0].ProofMaxAbsDifference);
        Assert.Equal([Path], Directory.GetFiles(folder));
    }

    [Fact]
    public void TheFileIsCamelCaseAndIndented()
    {
        SearchResultJson.Write(SyntheticSearch.Of(50), Path);

        Assert.StartsWith(
            "{\n  \"space\": \"DataResNet\",\n  \"spaceHash\": \"5f3c9a1e77d0\",\n  \"size\": 224,\n  \"tasks\": [\n    {\n      \"name\": "
                + "\"classification\",",
            File.ReadAllText(Path));
    }

    [Fact]
    public void ScoresStandInTheOrderOfTheTasks()
    {
        var result = SyntheticSearch.Of(1);
        var turned = result with
        {
            Candidates = [result.Candidates[0] with { Scores = new Dictionary<string, double>(result.Candidates[0].Scores.Reverse()) }],
        };

        SearchResultJson.Write(result, Path);
        var expected = File.ReadAllText(Path);
        SearchResultJson.Write(turned, Path);

        Assert.Equal(expected, File.ReadAllText(Path));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void AScoreThatIsNoNumberIsNeitherWrittenNorRead(double score)
    {
        var result = SyntheticSearch.Of(1);
        SearchResultJson.Write(result, Path);
        var before = File.ReadAllText(Path);
        var odd = result with
        {
            Candidates =
            [
                result.Candidates[0] with
                {
                    Scores = new Dictionary<string, double>(result.Candidates[0].Scores) { ["classification"] = score },
                },
            ],
        };

        Assert.Throws<ArgumentException>(() => SearchResultJson.Write(odd, Path));
        Assert.Equal(before, File.ReadAllText(Path));

        var text = result.Candidates[0].Scores["classification"].ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        foreach (var named in new[] { "\"NaN\"", "\"Infinity\"", "1e999", "null", "\"0.5\"" })
        {
            File.WriteAllText(Path, before.Replace(text, named));
            Assert.NotEqual(before, File.ReadAllText(Path));
            Assert.StartsWith(Path, Assert.Throws<UserException>(() => SearchResultJson.Read(Path)).Message);
        }
    }

    /// <summary>A rank correlation where one ranking does not vary is none, and may say so.</summary>
    [Fact]
    public void ACorrelationThatIsNotDefinedSurvives()
    {
        var accuracy = new MeasuredSubnet("a", new(0.5, 0.4, 0.6));
        var none = new Estimate(double.NaN, double.NaN, double.NaN);
        var result = SyntheticSearch.Of(1) with { Study = new("knn", [accuracy], accuracy, [new("MACs", new(none, none))]) };
        SearchResultJson.Write(result, Path);
        Assert.Equal(none, SearchResultJson.Read(Path).Study!.Agreements[0].With.Spearman);
    }

    /// <summary>
    /// Whatever byte of it changes, be it a digit that leaves a score within its range; and a seal that is not there is none that fits.
    /// </summary>
    [Fact]
    public void AResultThatChangedIsRefused()
    {
        SearchResultJson.Write(SyntheticSearch.Of(2), Path);
        var original = File.ReadAllBytes(Path);
        for (var i = 0; i < original.Length; i++)
        {
            byte[] changed = [.. original];
            changed[i] ^= 1;
            File.WriteAllBytes(Path, changed);
            Assert.StartsWith(Path, Assert.Throws<UserException>(() => SearchResultJson.Read(Path)).Message);
        }
        File.WriteAllText(Path, SearchResultJson.Serialize(SyntheticSearch.Of(2)) + "\n");
        Assert.Contains(
            "does not have the seal of a search result", Assert.Throws<UserException>(() => SearchResultJson.Read(Path)).Message);
    }

    [Theory]
    [InlineData(null, "there is no such file")]
    [InlineData("{\n  \"space\": 3\n}", "line 2: not a search result")]
    [InlineData("{}", "not a search result")]
    [InlineData("null", "not a search result")]
    public void ASpoiltFileIsToldInOneLine(string? content, string message)
    {
        if (content is not null) File.WriteAllText(Path, content);

        var error = Assert.Throws<UserException>(() => SearchResultJson.Read(Path));

        Assert.StartsWith(Path, error.Message);
        Assert.Contains(message, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }
}
