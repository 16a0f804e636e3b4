using Microsoft.Playwright;

namespace DataSsl.Report.Tests;

/// <summary>
/// A report in the browser. Disposing it asserts that the page never complained and never asked for anything beyond its own file.
/// </summary>
internal sealed class OpenReport : IAsyncDisposable
{
    private readonly List<string> complaints = [];
    private readonly List<string> requests = [];

    private OpenReport(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") complaints.Add(message.Text);
        };
        page.PageError += (_, error) => complaints.Add(error);
        page.Request += (_, request) => requests.Add(request.Url);
    }

    public IPage Page { get; }

    public static async Task<OpenReport> At(IPage page, string address)
    {
        var report = new OpenReport(page);
        await page.GotoAsync(address);
        return report;
    }

    public ILocator Plot => Page.Locator("#plot .over");

    public ILocator Tip => Page.Locator("#tip");

    public Task<string> Clipboard => Page.EvaluateAsync<string>("navigator.clipboard.readText()");

    public Task Choose(string filter, string option) => Page.GetByLabel(filter, new() { Exact = true }).SelectOptionAsync(option);

    public async ValueTask DisposeAsync()
    {
        await Page.Context.CloseAsync();
        Assert.Empty(complaints);
        Assert.All(requests.Skip(1), address => Assert.StartsWith("data:", address));
    }
}
