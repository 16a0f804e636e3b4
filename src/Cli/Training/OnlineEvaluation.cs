using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Curation;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Cli.Training;

/// <summary>Accuracies of Max, of a subnet of the median size and of Min while a run goes on; of a single network its own.</summary>
/// <param name="trainer">The run.</param>
/// <param name="images">Labelled images that are learnt from: the neighbours come from them, and a linear probe is fitted to them.</param>
/// <param name="bank">Which of those.</param>
/// <param name="test">Labelled images that are classified; null for those of the bank: each is left out of its own neighbours, and a part
/// of every class is set aside for the probe.</param>
/// <param name="size">Side of the images in pixels.</param>
/// <param name="device">Where the run computes.</param>
/// <param name="linear">Whether a linear probe is fitted as well.</param>
internal sealed class OnlineEvaluation(
    Trainer trainer, ImageStore images, int[] bank, ImageStore? test, int size, Device device, bool linear)
{
    /// <summary>
    /// Penalty of the probe on unit features brought to deviation 1: a fixed one, so that accuracies of different epochs compare.
    /// </summary>
    private const double ProbeL2 = 1e-2;

    private readonly (string Name, Architecture Architecture)[] subnets = Subnets(trainer);
    private readonly int[] bankLabels = Array.ConvertAll(bank, image => images.Labels![image]);

    /// <summary>
    /// The evaluation of a run; null where there are no labels, or no two images to tell apart. Without <paramref name="test"/> copies of
    /// other images are left out, which is told: they would give the answer away. Such as are in <paramref name="test"/> are counted, and
    /// told.
    /// </summary>
    public static OnlineEvaluation? Of(Trainer trainer, ImageStore images, ImageStore? test, int size, Device device, bool linear)
    {
        if (images.Labels is null) return null;
        int[] bank = test is null ? images.Distinct() : [.. Enumerable.Range(0, images.Count)];
        if (bank.Length < images.Count)
            Notices.Tell(
                $"{images.Source.Root}: {Wording.Count(bank.Length, "image")} without copies of others for the accuracies on the way");
        if (bank.Length < 2) return null;
        var leaks = test is null ? null : TestOverlap.Tell(images, test, "--data");
        return new(trainer, images, bank, test, size, device, linear) { Leaks = leaks };
    }

    /// <summary>Test images that are learnt from too; null where none are given.</summary>
    public TestLeaks? Leaks { get; private init; }

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
        return (embedder.Embed(images, indices: bank), test is null ? null : embedder.Embed(test, images));
    }

    private double Knn((Tensor Bank, Tensor? Test) features) => features.Test is null
        ? KnnClassifier.Accuracy(features.Bank, bankLabels)
        : KnnClassifier.Accuracy(features.Bank, bankLabels, features.Test, test!.Labels!);

    private double? Linear((Tensor Bank, Tensor? Test) features)
    {
        var parts = features.Test is { } asked
            ? (features.Bank, bankLabels, asked, test!.Labels!)
            : LinearProbe.Split(features.Bank, bankLabels, seed: 0, "online probe");
        if (parts is not var (fitted, fittedLabels, told, toldLabels)) return null;
        using var probe = LinearProbe.Fit(fitted, fittedLabels, images.Source.ClassNames.Count, ProbeL2);
        return TopAccuracy.Of(probe.Scores(told), toldLabels).Top1.Value;
    }

    private static (string, Architecture)[] Subnets(Trainer trainer) => trainer.Model.Networks is { Only: { } only }
        ? [("network", only)]
        : [("Max", trainer.Model.Networks.Space.Max), ("Middle", trainer.Groups.Middle()), ("Min", trainer.Model.Networks.Space.Min)];
}
