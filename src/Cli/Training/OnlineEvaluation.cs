using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Cli.Training;

/// <summary>Accuracies of Max, of a subnet of the median size and of Min while a run goes on; of a single network its own.</summary>
/// <param name="trainer">The run.</param>
/// <param name="images">Labelled images that are learnt from: the neighbours come from them, and a linear probe is fitted to them.</param>
/// <param name="test">Labelled images that are classified; null for <paramref name="images"/>: each is left out of its own neighbours, and a part of every class is set aside for the probe.</param>
/// <param name="size">Side of the images in pixels.</param>
/// <param name="device">Where the run computes.</param>
/// <param name="linear">Whether a linear probe is fitted as well.</param>
internal sealed class OnlineEvaluation(Trainer trainer, ImageStore images, ImageStore? test, int size, Device device, bool linear = false)
{
    /// <summary>Penalty of the probe on unit features brought to deviation 1: a fixed one, so that accuracies of different epochs compare.</summary>
    private const double ProbeL2 = 1e-2;

    private readonly (string Name, Architecture Architecture)[] subnets = Subnets(trainer);

    /// <summary>The steps that the run has done.</summary>
    public long Step => trainer.Step;

    /// <summary>Max first.</summary>
    public IReadOnlyList<OnlineAccuracy> Run() => [.. subnets.Select(s => Of(s.Name, s.Architecture))];

    /// <summary>kNN accuracy of the network that the run is about.</summary>
    public double Accuracy() => Accuracy(trainer.Model.Networks.Largest);

    /// <summary>kNN accuracy of a subnet.</summary>
    public double Accuracy(Architecture architecture)
    {
        using var scope = NewDisposeScope();
        return Knn(Features(architecture));
    }

    private OnlineAccuracy Of(string name, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        var features = Features(architecture);
        return new(name, Knn(features), linear ? Linear(features) : null);
    }

    private (Tensor Bank, Tensor? Test) Features(Architecture architecture)
    {
        var embedder = new Embedder(trainer.Model.Networks.Student, architecture, size, device);
        return (embedder.Embed(images), test is null ? null : embedder.Embed(test, images));
    }

    private double Knn((Tensor Bank, Tensor? Test) features) => features.Test is null
        ? KnnClassifier.Accuracy(features.Bank, images.Labels!)
        : KnnClassifier.Accuracy(features.Bank, images.Labels!, features.Test, test!.Labels!);

    private double? Linear((Tensor Bank, Tensor? Test) features)
    {
        var parts = features.Test is { } asked
            ? (features.Bank, images.Labels!, asked, test!.Labels!)
            : LinearProbe.Split(features.Bank, images.Labels!, seed: 0, "online probe");
        if (parts is not var (fitted, fittedLabels, told, toldLabels)) return null;
        using var probe = LinearProbe.Fit(fitted, fittedLabels, images.Source.ClassNames.Count, ProbeL2);
        return TopAccuracy.Of(probe.Scores(told), toldLabels).Top1.Value;
    }

    private static (string, Architecture)[] Subnets(Trainer trainer) => trainer.Model.Networks is { Only: { } only }
        ? [("network", only)]
        : [("Max", trainer.Model.Networks.Space.Max), ("Middle", trainer.Groups.Middle()), ("Min", trainer.Model.Networks.Space.Min)];
}
