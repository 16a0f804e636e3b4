using DataSsl.Search.Report;
using DataSsl.Search.Results;
using DataSsl.Search.Tests.Report;
using DataSsl.Tests;
using Microsoft.Playwright;

namespace DataSsl.Report.Tests;

/// <summary>The system's Chromium without a window, and the pages that all tests look at.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private readonly string folder = Directory.CreateTempSubdirectory("datassl-report-").FullName;
    private readonly string? chromium = Places.FirstOrDefault(File.Exists);
    private IPlaywright? playwright;
    private IBrowser? browser;

    public async Task InitializeAsync()
    {
        if (chromium is null) return;
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = ["--no-sandbox", "--disable-gpu"] });
    }

    public async Task DisposeAsync()
    {
        if (browser is not null) await browser.DisposeAsync();
        playwright?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Opens the report of a result; skips the test where there is no Chromium.</summary>
    internal Task<OpenReport> Open(
        SearchResult result, TrainingCurves? curves = null, BrowserNewContextOptions? options = null, VerdictReport? verdict = null) =>
        Open(() => HtmlReport.Render(Spaces.DataResNet.Space, result, curves, verdict), options);

    /// <summary>Opens the page of a verdict by itself.</summary>
    internal Task<OpenReport> Open(VerdictReport verdict, BrowserNewContextOptions? options = null) =>
        Open(() => HtmlReport.Render(verdict), options);

    /// <summary>Opens the page of a survey.</summary>
    internal Task<OpenReport> Open(SurveyReport survey, BrowserNewContextOptions? options = null) =>
        Open(() => HtmlReport.Render(survey), options);

    private async Task<OpenReport> Open(Func<string> render, BrowserNewContextOptions? options)
    {
        Needed.If(browser is not null, "Chromium is not installed");
        var path = Path.Combine(folder, $"{Guid.NewGuid():n}.html");
        await File.WriteAllTextAsync(path, render());
        var context = await browser!.NewContextAsync(options ?? new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        await context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        return await OpenReport.At(await context.NewPageAsync(), new Uri(path).AbsoluteUri);
    }
}

/// <summary>The browser is started once.</summary>
[CollectionDefinition(nameof(BrowserCollection))]
public sealed class BrowserCollection : ICollectionFixture<Browser>;
