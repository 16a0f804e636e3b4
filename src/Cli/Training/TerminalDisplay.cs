using System.Globalization;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Training;
using Spectre.Console;

namespace DataSsl.Cli.Training;

/// <summary>A table on the terminal that follows the run; lines that stay scroll away above it.</summary>
internal sealed class TerminalDisplay : ITrainDisplay
{
    private readonly IAnsiConsole console;
    private readonly LiveDisplayContext live;

    private TerminalDisplay(IAnsiConsole console, LiveDisplayContext live) => (this.console, this.live) = (console, live);

    /// <summary>Shows a run on a console; the last table stays.</summary>
    public static void Run(IAnsiConsole console, Action<ITrainDisplay> run) =>
        console.Live(new Text("starting ...")).AutoClear(false).Start(context => run(new TerminalDisplay(console, context)));

    public void Show(TrainProgress progress)
    {
        live.UpdateTarget(Table(progress));
        live.Refresh();
    }

    public void Line(string text) => console.MarkupLineInterpolated($"{text}");

    private static Table Table(TrainProgress p)
    {
        var table = new Table().RoundedBorder().HideHeaders().AddColumn("").AddColumn("");
        Row("progress", Bar(p));
        Row("loss", $"{p.Loss:0.000}");
        Row("  Max", p.MaxLoss is { } ofMax ? $"{ofMax:0.000}" : (FormattableString)$"-");
        for (var i = 0; i < SizeGroups.Names.Count; i++)
            Row($"  {SizeGroups.Names[i]} subnets", p.GroupLosses[i] is { } loss ? $"{loss:0.000}" : (FormattableString)$"-");
        Row("spread", p.Spread is { } spread ? $"{spread:0.00} of 1" : (FormattableString)$"-");
        if (p.Information is { } information) Row("information", $"{information:0.00} of 1");
        if (p.Architecture is { } architecture)
        {
            Row("drawn MACs", $"{architecture.Macs / 1e6:0.00} M on average{(architecture.HeldOutLoss is { } held ? FormattableString.Invariant($", held-out loss {held:0.000}") : "")}");
            foreach (var choice in architecture.Choices)
                Row($"  {choice.Name}", $"{choice.Likeliest} with {100 * choice.Probability:0} %, entropy {choice.Entropy:0.00} of 1");
        }
        Row("learning rate", $"{p.Rate:0.00000}");
        Row("speed", $"{p.ImagesPerSecond:0} images/s, {100 * p.DataShare:0} % of the time waiting for views");
        Row("memory", $"{p.ResidentBytes / 1048576.0:0} MiB");
        Row("left", $"{Wording.Short(p.Remaining)}");
        return table;

        void Row(string name, FormattableString value) =>
            table.AddRow(new Text(name), new Text(value.ToString(CultureInfo.InvariantCulture)));
    }

    private static FormattableString Bar(TrainProgress p)
    {
        const int width = 30;
        var done = (int)(width * p.Step / p.Steps);
        return $"{new string('█', done)}{new string('░', width - done)} epoch {p.Epoch}/{p.Epochs}, step {p.Step:N0}/{p.Steps:N0}";
    }
}
