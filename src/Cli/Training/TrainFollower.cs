using System.Globalization;
using DataSsl.Runtime.Observing;
using DataSsl.Runtime.Training;

namespace DataSsl.Cli.Training;

/// <summary>Follows a run: shows it, logs it, evaluates it.</summary>
/// <remarks>
/// The display changes when the run begins, the log opens when its first step is known, and the evaluation needs the trainer that this
/// follows: all three are set late.
/// </remarks>
internal sealed class TrainFollower : ITrainObserver, IDisposable
{
    private MetricsLog? log;

    public ITrainDisplay Display { get; set; } = new PlainDisplay();

    public OnlineEvaluation? Evaluation { get; set; }

    /// <summary>Mean loss of each report.</summary>
    public List<double> Losses { get; } = [];

    /// <summary>Logs into a run's folder, from a step on.</summary>
    public void OpenLog(string folder, long step) => log = new(folder, step, Notice);

    public void Report(TrainProgress p)
    {
        Losses.Add(p.Loss);
        Display.Show(p);
        (string, double?)[] values =
        [
            ("epoch", p.Epoch), ("loss", p.Loss), ("loss/max", p.MaxLoss),
            .. SizeGroups.Names.Zip(p.GroupLosses, (name, loss) => ($"loss/{name}", loss)), ("spread", p.Spread),
            ("information", p.Information), .. Choices(p),
            ("rate", p.Rate), ("imagesPerSecond", p.ImagesPerSecond), ("dataShare", p.DataShare), ("residentBytes", p.ResidentBytes),
        ];
        log?.Write(p.Step, values);
    }

    /// <summary>Where the choices of an architecture that is learnt stand.</summary>
    private static IEnumerable<(string, double?)> Choices(TrainProgress p) => p.Architecture is not { } architecture ? [] :
    [
        ("loss/held-out", architecture.HeldOutLoss), ("macs", architecture.Macs), ("entropy", architecture.Entropy),
        .. architecture.Choices.Select(choice => ($"entropy/{choice.Name}", (double?)choice.Entropy)),
        .. architecture.Choices.Select(choice => ($"likeliest/{choice.Name}", (double?)choice.Likeliest)),
    ];

    public void Notice(string line) => Display.Line(line);

    public double? Evaluate(int epoch)
    {
        if (Evaluation is null) return null;
        var accuracies = Evaluation.Run();
        Display.Line($"epoch {epoch}: kNN {Text(accuracies.Select(a => (a.Name, a.Knn)))}");
        var linear = accuracies.Where(a => a.Linear is not null).Select(a => (a.Name, a.Linear!.Value)).ToList();
        if (linear.Count > 0) Display.Line($"epoch {epoch}: linear {Text(linear)}");
        log?.Write(
            Evaluation.Step,
            accuracies.SelectMany(
                a => new[] { ($"knn/{a.Name.ToLowerInvariant()}", (double?)a.Knn), ($"linear/{a.Name.ToLowerInvariant()}", a.Linear) }));
        return accuracies[0].Knn;
    }

    private static string Text(IEnumerable<(string Name, double Accuracy)> accuracies) =>
        string.Join(", ", accuracies.Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.Name} {100 * a.Accuracy:0.0} %")));

    public void Dispose() => log?.Dispose();
}
