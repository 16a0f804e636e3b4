using System.Globalization;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Training;

namespace DataSsl.Cli.Training;

/// <summary>A line for each report, on the error stream: for logs and pipes.</summary>
internal sealed class PlainDisplay : ITrainDisplay
{
    public void Show(TrainProgress p)
    {
        var sizes = string.Join(
            ", ",
            SizeGroups.Names.Prepend("max").Zip(
                    p.GroupLosses.Prepend(p.MaxLoss),
                    (name, loss) => loss is { } known ? string.Create(CultureInfo.InvariantCulture, $"{name} {known:0.000}") : null)
                .OfType<string>());
        var choices = p.Architecture is { } a
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{a.Macs / 1e6:0.00} MMACs, entropy {string.Join(' ', a.Choices.Select(c => FormattableString.Invariant($"{c.Name} {c.Entropy:0.00}")))}  ")
            : "";
        Notices.Tell(
            $"epoch {p.Epoch}/{p.Epochs}  step {p.Step}/{p.Steps}  loss {p.Loss:0.000} ({sizes})  lr {p.Rate:0.0000}  {choices}{p.ImagesPerSecond:0} images/s  {Wording.Short(p.Remaining)} left");
    }

    public void Line(string text) => Notices.Tell($"{text}");
}
