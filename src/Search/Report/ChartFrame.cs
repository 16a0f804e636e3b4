using System.Xml.Linq;
using DataSsl.Search.Results;
using static DataSsl.Search.Report.Markup;

namespace DataSsl.Search.Report;

/// <summary>Everything of a chart that is not data: the axes with their ticks and names, the budgets' bands and the anchors.</summary>
internal sealed record ChartFrame(Axis Macs, Axis Score)
{
    public const double Width = 640, Height = 400, Left = 62, Right = 626, Top = 44, Bottom = 350;
    private const int Ticks = 8;

    public IEnumerable<XElement> Grid()
    {
        // Labels in the unit of the axis's end: "3.5" under "MACs (G)" rather than five times "3.50 G".
        var (unit, prefix) = Macs.High switch { >= 1e12 => (1e12, "T"), >= 1e9 => (1e9, "G"), >= 1e6 => (1e6, "M"), _ => (1e3, "k") };
        var scaled = Macs with { Low = Macs.Low / unit, High = Macs.High / unit };
        foreach (var tick in scaled.Ticks(Ticks))
        {
            yield return E("line", Class("axis"), A("x1", scaled.At(tick)), A("x2", scaled.At(tick)), A("y1", Bottom), A("y2", Bottom + 5));
            yield return E("text", A("x", scaled.At(tick)), A("y", Bottom + 21), A("text-anchor", "middle"), scaled.Label(tick, Ticks));
        }
        foreach (var tick in Score.Ticks(Ticks))
        {
            yield return E("line", Class("grid"), A("x1", Left), A("x2", Right), A("y1", Score.At(tick)), A("y2", Score.At(tick)));
            yield return E("text", A("x", Left - 7), A("y", Score.At(tick) + 4), A("text-anchor", "end"), Score.Label(tick, Ticks));
        }
        yield return E("line", Class("axis"), A("x1", Left), A("x2", Right), A("y1", Bottom), A("y2", Bottom));
        yield return E("text", Class("name"), A("x", Right), A("y", Height - 8), A("text-anchor", "end"), $"MACs ({prefix})");
        yield return E("text", Class("name"), A("x", 8), A("y", 16), "score");
    }

    public IEnumerable<XElement> Bands(IEnumerable<string> budgets)
    {
        var odd = false;
        foreach (var budget in budgets.Distinct())
        {
            if (BudgetBand.Of(budget) is not { } band) continue;
            var (low, high) = (Macs.At(Math.Max(band.Low, Macs.Low)), Macs.At(Math.Min(band.High, Macs.High)));
            if (high <= low) continue;
            // Neighbouring bands differ in shade.
            odd = !odd;
            yield return E("rect", Class(odd ? "band odd" : "band"), A("x", low), A("y", Top), A("width", high - low), A("height", Bottom - Top), E("title", $"Budget {budget}"));
            if (high - low > 40) yield return E("text", Class("band-name"), A("x", (low + high) / 2), A("y", Bottom - 8), A("text-anchor", "middle"), budget);
        }
    }

    public IEnumerable<XElement> Anchors(IEnumerable<Reference> anchors)
    {
        var (previous, lifted) = (double.NegativeInfinity, false);
        foreach (var anchor in anchors.OrderBy(a => a.Macs).ThenBy(a => a.Name, StringComparer.Ordinal))
        {
            var x = Macs.At(anchor.Macs);
            // Neighbours' names go to two heights in turn.
            lifted = x - previous < 110 && !lifted;
            previous = x;
            yield return E("line", Class("anchor"), A("x1", x), A("x2", x), A("y1", Top - 4), A("y2", Bottom));
            yield return E("text", Class("anchor"), A("x", x), A("y", lifted ? Top - 27 : Top - 9), A("text-anchor", x > Right - 60 ? "end" : "middle"), anchor.Name);
        }
    }
}
