using System.Text;
using System.Xml.Linq;
using DataSsl.Search.Results;
using static DataSsl.Search.Report.Markup;

namespace DataSsl.Search.Report;

/// <summary>The picture of one task: score against MACs, every candidate, the exact front, budgets, anchors and winners.</summary>
internal sealed class ParetoChart
{
    private readonly TaskInfo task;
    private readonly IReadOnlyList<Candidate> front;
    private readonly IReadOnlyList<NumberedWinner> winners;
    private readonly IReadOnlyList<Reference> shown, beyond;
    private readonly ChartFrame frame;
    private readonly Dots dots;

    public ParetoChart(SearchResult result, TaskInfo task, IEnumerable<NumberedWinner> winners)
    {
        this.task = task;
        this.winners = [.. winners.Where(w => w.Winner.Task == task.Name && double.IsFinite(w.Score))];
        var scored = result.Candidates.Concat(this.winners.Select(w => w.Winner.Candidate))
            .Where(c => double.IsFinite(c.Scores.GetValueOrDefault(task.Name, double.NaN))).ToList();
        front = ParetoFront.Of(scored, task.Name);

        // Anchors far off, such as a space's Max, would squeeze the candidates into a corner; the caption names those instead.
        var own = Axis.Over(scored.Select(c => (double)c.Macs), ChartFrame.Left, ChartFrame.Right);
        var room = 0.4 * (own.High - own.Low);
        shown = [.. result.References.Where(r => r.Macs > own.Low - room && r.Macs < own.High + room)];
        beyond = [.. result.References.Except(shown)];
        var macs = Axis.Over(scored.Select(c => (double)c.Macs).Concat(shown.Select(r => (double)r.Macs)), ChartFrame.Left, ChartFrame.Right);
        frame = new(macs with { Low = Math.Max(0, macs.Low) }, Axis.Over(scored.Select(c => c.Scores[task.Name]), ChartFrame.Bottom, ChartFrame.Top));
        dots = new(result.Candidates, task.Name, frame);
    }

    /// <summary>The figure with its caption.</summary>
    /// <param name="place">Number of the chart on the page, for ids.</param>
    public XElement Draw(int place)
    {
        var (title, description) = ($"chart-{place}-title", $"chart-{place}-desc");
        return E("figure", E("h3", task.Name),
            E("svg", Class("chart"), A("viewBox", $"0 0 {ChartFrame.Width} {ChartFrame.Height}"), A("role", "group"),
                A("aria-labelledby", title), A("aria-describedby", description), A("data-dots", dots.Data),
                E("title", A("id", title), $"Score against MACs, {task.Name}"),
                E("desc", A("id", description), Describe()),
                frame.Bands(winners.Select(w => w.Winner.Budget)), frame.Grid(), frame.Anchors(shown),
                E("path", Class("dots"), A("d", dots.Path)),
                E("path", Class("front"), A("d", Stair())),
                winners.GroupBy(w => w.Winner.Candidate.Architecture).Select(Mark)),
            E("figcaption", Caption()));
    }

    /// <summary>Between two members of the front nothing better is known than the cheaper one: a stair, not a slope.</summary>
    private string Stair()
    {
        var path = new StringBuilder();
        foreach (var candidate in front)
        {
            var (x, y) = (Coordinate(frame.Macs.At(candidate.Macs)), Coordinate(frame.Score.At(candidate.Scores[task.Name])));
            path.Append(path.Length == 0 ? $"M{x} {y}" : $"H{x}V{y}");
        }
        return path.Length == 0 ? "" : path.Append($"H{Coordinate(ChartFrame.Right)}").ToString();
    }

    /// <summary>One mark for each architecture, even where it wins several budgets; it leads to the table.</summary>
    private XElement Mark(IGrouping<string, NumberedWinner> same)
    {
        var (first, numbers) = (same.First(), string.Join("·", same.Select(w => w.Number)));
        var candidate = first.Winner.Candidate;
        var (x, y) = (frame.Macs.At(candidate.Macs), frame.Score.At(first.Score));
        var label = $"Winner {numbers}, budget {string.Join(" and ", same.Select(w => w.Winner.Budget))}: {Numbers.Short(candidate.Macs)} MACs, " +
            $"{Numbers.Short(candidate.Parameters)} parameters, score {Numbers.Score(first.Score)}; {candidate.Architecture}";
        return E("a", A("href", $"#{first.RowId}"), Class("winner"), A("aria-label", label), A("data-tip", label),
            E("circle", A("cx", x), A("cy", y), A("r", 10)),
            E("text", A("x", x), A("y", y), A("text-anchor", "middle"), A("dominant-baseline", "central"), numbers));
    }

    private string Describe() =>
        $"{Numbers.Of(dots.Scored, "candidate")}, {Numbers.Count(front.Count)} of them on the Pareto front. " +
        string.Join(" ", winners.Select(w => $"Winner {w.Number}, budget {w.Winner.Budget}: {Numbers.Short(w.Winner.Candidate.Macs)} MACs, score {Numbers.Score(w.Score)}."));

    private string Caption() =>
        $"Metric: {task.Metric}, on {task.Features}. Each dot is a candidate, the line their exact Pareto front, the shaded bands the budgets, the numbers the winners."
        + (beyond.Count > 0 ? $" Beyond the picture: {string.Join(", ", beyond.Select(r => $"{r.Name} at {Numbers.Short(r.Macs)}"))}." : "");
}
