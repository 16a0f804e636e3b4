using System.Globalization;
using DataSsl.Cli.Terminal;
using DataSsl.Runtime.Training;

namespace DataSsl.Cli.Training;

/// <summary>A line for each report, on the error stream: for logs and pipes.</summary>
internal sealed class PlainDisplay : ITrainDisplay
{
    public void Show(TrainProgress p)
    {
        var groups = string.Concat(
            SizeGroups.Names.Zip(
                p.GroupLosses,
                (name, loss) => loss is { } known ? string.Create(CultureInfo.InvariantCulture, $", {name} {known:0.000}") : ""));
        var choices = p.Architecture is { } a
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{a.Macs / 1e6:0.00} MMACs, entropy {string.Join(' ', a.Choices.Select(c => FormattableString.Invariant($"{c.Name} {c.Entropy:0.00}")))}  ")
            : "";
        Output.Progress(
            $"epoch {p.Epoch}/{p.Epochs}  step {p.Step}/{p.Steps}  loss {p.Loss:0.000} (max {p.Losses[0]:0.000}{groups})  lr {p.Rate:0.0000}  {choices}{p.ImagesPerSecond:0} images/s  {Output.Short(p.Remaining)} left");
    }

    public void Line(string text) => Output.Progress($"{text}");
}
