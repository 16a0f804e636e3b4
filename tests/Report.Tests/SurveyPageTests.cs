using DataSsl.Runtime;
using DataSsl.Search.Results;
using Microsoft.Playwright;

namespace DataSsl.Report.Tests;

/// <summary>The page of a survey, as a reader finds it.</summary>
[Collection(nameof(BrowserCollection))]
public sealed class SurveyPageTests(Browser browser)
{
    private const int Networks = 30, Images = 200;
    private static readonly string[] scenarios = ["steel", "cells", "aerial"];

    /// <summary>Networks of two spaces over three scenarios, by two methods; some of the first space trained alone too.</summary>
    private static SurveyReport Survey()
    {
        SurveyNetworkFacts[] networks =
        [
            .. Enumerable.Range(0, Networks).Select(
                n => new SurveyNetworkFacts(
                    $"net{n}", n < 20 ? "Wide" : "Deep", "resnet-basic", $"stem={n}", 32, 1_000_000 + 50_000 * n, 3000 + 200 * n,
                    1000 + 20 * n, 2000 + 180 * n, null)),
        ];
        return new(
            "No: there is <none>.", [.. scenarios.Select(name => new SurveyScenarioFacts(name, 3, 100, 50, Images, "a set of its own"))],
            networks,
            [
                Method("linear", ([0, 2, 4, 6, 8], [.. scenarios.Select((name, s) => Scenario(name, 5, 9 + s))])),
                Method("knn", null),
            ],
            ["net99"], new Dictionary<string, string> { ["seed"] = "0", ["command"] = "datassl survey --out 'a b'" }, 12);

        SurveyMethodResult Method(string method, (IReadOnlyList<int>, IReadOnlyList<SurveyAccuracies>)? slices) => SurveyAnalysis.Of(
            method, networks, [.. scenarios.Select((name, s) => Scenario(name, Networks, s + method.Length))], slices, seed: 0);
    }

    private static SurveyAccuracies Scenario(string name, int networks, int seed)
    {
        var random = CounterRandom.For((ulong)seed, "survey page");
        var right = new bool[networks][];
        for (var n = 0; n < networks; n++)
        {
            right[n] = new bool[Images];
            foreach (ref var image in right[n].AsSpan()) image = random.Below(100) < 40 + (seed % 2 == 0 ? n : networks - n);
        }
        return new(name, right);
    }

    [SkippableTheory]
    [InlineData(1440, false)]
    [InlineData(390, true)]
    public async Task Every_section_is_there_and_nothing_stands_out_of_the_screen(int width, bool dark)
    {
        var survey = Survey();
        await using var report = await browser.Open(
            survey,
            new()
            {
                ViewportSize = new() { Width = width, Height = 900 },
                ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            });
        await Assertions.Expect(report.Page.Locator("h1")).ToHaveTextAsync("Survey: 30 networks over 3 scenarios");
        await Assertions.Expect(report.Page.Locator("p.lead")).ToHaveTextAsync("No: there is <none>.");
        Assert.True(await report.Page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= width);
        foreach (var id in new[] { "single", "sizes", "likeness", "networks", "slices", "scenarios", "provenance", "repeat" })
            await Assertions.Expect(report.Page.Locator($"section#{id}")).ToHaveCountAsync(1);
        // A point for each network on each scenario, and a row for each.
        await Assertions.Expect(report.Page.Locator("#sizes svg circle")).ToHaveCountAsync(3 * Networks);
        await Assertions.Expect(report.Page.Locator("#networks tbody tr")).ToHaveCountAsync(Networks);
        await Assertions.Expect(report.Page.Locator("#slices tbody").Last.Locator("tr")).ToHaveCountAsync(5);
        var best = survey.Networks[survey.Methods[0].Single.Network].Name;
        await Assertions.Expect(report.Page.Locator("#networks tbody tr").First.Locator("th")).ToHaveTextAsync(best);
        await Assertions.Expect(report.Page.Locator("body")).ToContainTextAsync("their training diverged: net99");
    }

    [SkippableFact]
    public async Task Another_method_and_another_size_are_shown_when_they_are_chosen()
    {
        var survey = Survey();
        await using var report = await browser.Open(survey);
        var before = await report.Page.Locator("#sizes svg circle").First.GetAttributeAsync("cx");
        await report.Page.GetByLabel("Against").SelectOptionAsync("early to late");
        Assert.NotEqual(before, await report.Page.Locator("#sizes svg circle").First.GetAttributeAsync("cx"));
        await report.Page.GetByLabel("Measured by").SelectOptionAsync("knn");
        var best = survey.Networks[survey.Methods[1].Single.Network].Name;
        await Assertions.Expect(report.Page.Locator("#networks tbody tr").First.Locator("th")).ToHaveTextAsync(best);
        await Assertions.Expect(report.Page.Locator("section#slices")).ToHaveCountAsync(0);
    }
}
