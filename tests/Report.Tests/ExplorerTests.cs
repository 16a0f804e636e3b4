using System.Globalization;
using DataSsl.Search.Results;
using DataSsl.Search.Tests.Report;
using Microsoft.Playwright;

namespace DataSsl.Report.Tests;

[Collection(nameof(BrowserCollection))]
public sealed class ExplorerTests(Browser browser)
{
    private static readonly SearchResult Result = SyntheticSearch.Of(500);

    [SkippableFact]
    public async Task HoverShowsTheArchitecture()
    {
        await using var report = await browser.Open(Result);

        // The keys tell where a member of the front lies; the pointer then goes there.
        await report.Page.Locator("#plot").FocusAsync();
        await report.Page.Keyboard.PressAsync("ArrowRight");
        await report.Page.Keyboard.PressAsync("ArrowRight");
        var (shown, ring) = (await report.Tip.Locator("code").InnerTextAsync(), await report.Page.Locator(".ring").BoundingBoxAsync());
        await report.Page.Keyboard.PressAsync("Escape");
        Assert.False(await report.Tip.IsVisibleAsync());
        await report.Page.Mouse.MoveAsync(ring!.X + ring.Width / 2, ring.Y + ring.Height / 2);

        await Assertions.Expect(report.Tip.Locator("code")).ToHaveTextAsync(shown);
        Assert.Contains(Result.Candidates, c => c.Architecture == shown);
        var candidate = Result.Candidates.Single(c => c.Architecture == shown);
        Assert.Contains(
            candidate.Scores["classification"].ToString("0.0000", CultureInfo.InvariantCulture), await report.Tip.InnerTextAsync());
    }

    [SkippableFact]
    public async Task TheFrontByKeysIsTheExactOne()
    {
        await using var report = await browser.Open(Result);
        var expected = Front(Result, "classification", c => c.Macs);

        await report.Page.Locator("#plot").FocusAsync();
        foreach (var architecture in expected)
        {
            await report.Page.Keyboard.PressAsync("ArrowRight");
            Assert.Equal(architecture, await report.Tip.Locator("code").InnerTextAsync());
        }
    }

    [SkippableFact]
    public async Task AClickKeepsACandidateAndAnotherCopiesItsCommand()
    {
        await using var report = await browser.Open(Result);
        var winner = Result.Winners[2];
        await report.Page.Locator("#plot").FocusAsync();
        for (var i = 0; i < Front(Result, "classification", c => c.Macs).Count; i++)
        {
            await report.Page.Keyboard.PressAsync("ArrowRight");
            if (await report.Tip.Locator("code").InnerTextAsync() == winner.Candidate.Architecture) break;
        }
        var ring = await report.Page.Locator(".ring").BoundingBoxAsync();

        await report.Page.Mouse.ClickAsync(ring!.X + ring.Width / 2, ring.Y + ring.Height / 2);
        await report.Page.Locator("#picked .copy").ClickAsync();

        await Assertions.Expect(report.Page.Locator("#picked .copy")).ToHaveTextAsync("Copied");
        Assert.Equal(
            $"datassl emit --checkpoint runs/demo/checkpoint.safetensors --arch '{await report.Page.Locator("#picked code").First.InnerTextAsync()}' --out winners",
            await report.Clipboard);
    }

    [SkippableFact]
    public async Task AWinnersButtonCopiesItsCommand()
    {
        await using var report = await browser.Open(Result);

        await report.Page.Locator("#winner-3 .copy").ClickAsync();

        await Assertions.Expect(report.Page.Locator("#winner-3 .copy")).ToHaveTextAsync("Copied");
        Assert.Equal(
            $"datassl emit --checkpoint runs/demo/checkpoint.safetensors --arch '{Result.Winners[2].Candidate.Architecture}' --out winners",
            await report.Clipboard);
    }

    [SkippableFact]
    public async Task TheFiltersChooseTaskBudgetCostAndDomain()
    {
        var result = SyntheticSearch.WithOppositeDomain(Result);
        await using var report = await browser.Open(result);
        var shown = report.Page.Locator("#shown");
        await Assertions.Expect(shown)
            .ToContainTextAsync($"500 candidates, {Front(Result, "classification", c => c.Macs).Count} of them on the exact Pareto front");

        await report.Choose("Task", "detection");
        await Assertions.Expect(shown).ToContainTextAsync($"500 candidates, {Front(Result, "detection", c => c.Macs).Count} of them");
        await Assertions.Expect(shown).ToContainTextAsync("on C2-C5");

        await report.Choose("Budget", "3-4G");
        var members = Result.Winners.First(w => w.Budget == "3-4G").Members;
        await Assertions.Expect(shown).ToContainTextAsync($"{members} candidates");

        await report.Choose("Cost", "Parameters");
        Assert.Equal("Parameters (M)", await report.Page.Locator(".cost-title").InnerTextAsync());

        await report.Choose("Cost", "MACs");
        await report.Choose("Winners over", "blood");
        // The other domain thinks the opposite, so its winner is the worst of the budget here.
        var worst = result.Domains!.Single(d => d is { Task: "detection", Budget: "3-4G" });
        await Assertions.Expect(shown).ToContainTextAsync("winners over blood");
        var other = await Picture(report);
        await report.Choose("Winners over", "aerial");
        Assert.NotEqual(other, await Picture(report));
        var row = await report.Page.Locator("#domains tr", new() { HasText = "detection, 3-4G" }).InnerTextAsync();
        Assert.StartsWith(
            $"detection, 3-4G\t−1.000\t{worst.Members} of {worst.Members}\t{worst.Members} of {worst.Members}\tno\t{worst.OtherWinner.Architecture}",
            row);
    }

    [SkippableFact]
    public async Task LatencyIsACostWhereABudgetLimitsIt()
    {
        var result = SyntheticSearch.WithLatency(Result);
        await using var report = await browser.Open(result);
        var expected = Front(result, "classification", c => c.Latency!.Value);
        Assert.NotEqual(Front(result, "classification", c => c.Macs), expected);

        await report.Choose("Cost", "Latency");

        Assert.Equal("Latency (ms)", await report.Page.Locator(".cost-title").InnerTextAsync());
        await report.Page.Locator("#plot").FocusAsync();
        foreach (var architecture in expected)
        {
            await report.Page.Keyboard.PressAsync("ArrowRight");
            Assert.Equal(architecture, await report.Tip.Locator("code").InnerTextAsync());
        }
        var last = result.Candidates.Single(c => c.Architecture == expected[^1]);
        // Three digits: the costliest of the front takes more than 10 ms.
        Assert.Contains(
            $"{(1000 * last.Latency!.Value).ToString("0.0", CultureInfo.InvariantCulture)} ms", await report.Tip.InnerTextAsync());
        await report.Choose("Budget", "latency<=6ms");
        await Assertions.Expect(report.Page.Locator("#shown")).ToContainTextAsync($"{result.Winners[0].Members} candidates");
    }

    [SkippableFact]
    public async Task DraggingMovesTheWheelZoomsAndADoubleClickShowsAllAgain()
    {
        await using var report = await browser.Open(Result);
        var first = await Picture(report);
        var box = (await report.Plot.BoundingBoxAsync())!;
        var (x, y) = (box.X + box.Width / 2, box.Y + box.Height / 2);

        await report.Page.Mouse.MoveAsync(x, y);
        await report.Page.Keyboard.DownAsync("Control");
        await report.Page.Mouse.WheelAsync(0, -300);
        await report.Page.Keyboard.UpAsync("Control");
        var zoomed = await Picture(report);
        Assert.NotEqual(first, zoomed);

        await report.Page.Mouse.DownAsync();
        await report.Page.Mouse.MoveAsync(x + 90, y + 40, new() { Steps = 4 });
        await report.Page.Mouse.UpAsync();
        Assert.NotEqual(zoomed, await Picture(report));

        await report.Plot.DblClickAsync();
        Assert.Equal(first, await Picture(report));
    }

    /// <summary>The canvas's pixels, as text: they change with the view and come back with it.</summary>
    private static async Task<string> Picture(OpenReport report)
    {
        await report.Page.EvaluateAsync("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
        return await report.Page.EvaluateAsync<string>("document.querySelector('#plot canvas').toDataURL()");
    }

    private static List<string> Front(SearchResult result, string task, Func<Candidate, double> cost)
    {
        var all = result.Candidates;
        return
        [
            .. all.Where(
                    c =>
                        !all.Any(
                            o =>
                                cost(o) <= cost(c) && o.Scores[task] >= c.Scores[task]
                                    && (cost(o) < cost(c) || o.Scores[task] > c.Scores[task])))
                .OrderBy(cost).Select(c => c.Architecture),
        ];
    }
}
