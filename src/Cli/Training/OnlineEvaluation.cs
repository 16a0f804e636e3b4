using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Cli.Training;

/// <summary>kNN accuracy of Max, of a subnet of the median size and of Min while a run goes on; of a single network its own.</summary>
/// <param name="trainer">The run.</param>
/// <param name="images">Labelled images that the neighbours come from.</param>
/// <param name="test">Labelled images that are classified; null for <paramref name="images"/>, each left out of its own neighbours.</param>
/// <param name="size">Side of the images in pixels.</param>
/// <param name="device">Where the run computes.</param>
internal sealed class OnlineEvaluation(Trainer trainer, ImageStore images, ImageStore? test, int size, Device device)
{
    private readonly (string Name, Architecture Architecture)[] subnets = Subnets(trainer);

    /// <summary>The steps that the run has done.</summary>
    public long Step => trainer.Step;

    /// <summary>Max first.</summary>
    public IReadOnlyList<(string Name, double Accuracy)> Run() => [.. subnets.Select(s => (s.Name, Accuracy(s.Architecture)))];

    public double Accuracy(Architecture architecture)
    {
        using var scope = NewDisposeScope();
        var embedder = new Embedder(trainer.Model.Networks.Student, architecture, size, device);
        var bank = embedder.Embed(images);
        return test is null
            ? KnnClassifier.Accuracy(bank, images.Labels!)
            : KnnClassifier.Accuracy(bank, images.Labels!, embedder.Embed(test, images), test.Labels);
    }

    /// <summary>Of the network that the run is about.</summary>
    public double Accuracy() => Accuracy(trainer.Model.Networks.Largest);

    private static (string, Architecture)[] Subnets(Trainer trainer) => trainer.Model.Networks is { Only: { } only }
        ? [("network", only)]
        : [("Max", trainer.Model.Networks.Space.Max), ("Middle", trainer.Groups.Middle()), ("Min", trainer.Model.Networks.Space.Min)];
}
