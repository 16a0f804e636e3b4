using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Architectures;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>
/// Learns the probabilities of an architecture's choices beside the weights: a step of them on images that the weights do not see, between
/// steps of the weights (a bilevel problem, Liu et al. 2019, equations 3 and 4).
/// </summary>
public sealed class ArchitectureLearner : IDisposable
{
    private readonly Method method;
    private readonly LearningOptions options;
    private readonly NetworkPair networks;
    private readonly Objective objective;
    private readonly Passes passes;
    private readonly BatchDeal deal;
    private readonly Optimizer optimizer;
    private readonly ulong seed;
    private readonly SliceSpans? spans;

    internal ArchitectureLearner(
        Method method, NetworkPair networks, Objective objective, Passes passes, BatchDeal deal, Optimizer optimizer, int size, long seed)
    {
        (this.method, options, this.networks, this.objective, this.passes, this.deal, this.optimizer, this.seed) =
            (method, method.Learning!, networks, objective, passes, deal, optimizer, (ulong)seed);
        Costs = new(networks.Space, options, size);
        if (options.Rule == LearningRule.Darts) spans = SliceSpans.Of(networks.Space);
        Choices = new(networks.Space, options);
    }

    /// <summary>The probabilities.</summary>
    public ChoiceLogits Choices { get; }

    /// <summary>What they pay for their mean cost.</summary>
    public CostTerm Costs { get; }

    /// <summary>
    /// The loss on held-out images at the last update, of the mixture or as the mean of the paths; null before the first.
    /// </summary>
    public double? HeldOutLoss { get; private set; }

    /// <summary>The mixture of darts by the present probabilities.</summary>
    internal Relaxation Mixture() => new(networks.Space, spans!, Choices.Probabilities, networks.StudentWeights.Device);

    /// <summary>One update of the probabilities; the weights, and what the objective keeps, stay as they are.</summary>
    /// <param name="heldOut">Images that the weights do not see.</param>
    /// <param name="training">Those of the step of the weights to come; looked at for order 2 alone.</param>
    /// <param name="at">The step of the weights to come.</param>
    /// <param name="rate">Its learning rate.</param>
    public void Update(LearningBatch heldOut, LearningBatch training, RunPosition at, double rate)
    {
        using var scope = NewDisposeScope();
        objective.Begin();
        var gradient = options.Rule == LearningRule.Proxyless ? OfPaths(heldOut, at)
            : options.Order == 1 ? OfMixture(heldOut, at)
            : Ahead(heldOut, training, at, rate);
        var probabilities = Choices.Probabilities;
        foreach (var (own, cost) in gradient.Zip(ChoiceLogits.ByLogits(probabilities, Costs.Gradient(probabilities))))
            for (var i = 0; i < own.Length; i++) own[i] += cost[i];
        Choices.Update(gradient, options.UpdatesBefore(at.Step, at.Steps));
    }

    /// <summary>The gradient by the logits of the loss of drawn architectures.</summary>
    internal double[][] OfPaths(LearningBatch heldOut, RunPosition at)
    {
        var random = CounterRandom.For(seed, "paths", at.Step);
        var paths = new Architecture[options.Paths];
        foreach (ref var path in paths.AsSpan()) path = Choices.Draw(ref random);
        var targets = Targets(heldOut);
        var losses = stack(passes.Losses(heldOut.Views, paths, targets.Teacher, targets.Foreign, at));
        deal.Processes?.AllReduce(losses);
        double[] values = [.. losses.cpu().data<float>().ToArray().Select(loss => (double)loss)];
        HeldOutLoss = values.Average();
        return PathGradient.Of(Choices.Probabilities, paths, values);
    }

    /// <summary>The gradient by the logits of the mixture's loss; that by the weights is left in the store.</summary>
    internal double[][] OfMixture(LearningBatch batch, RunPosition at)
    {
        using var scope = NewDisposeScope();
        return OfMixture(batch, Targets(batch), at);
    }

    private double[][] OfMixture(LearningBatch batch, LearningTargets targets, RunPosition at)
    {
        using var scope = NewDisposeScope();
        networks.StudentWeights.ZeroGradients();
        using var mixture = Mixture();
        var losses = new List<Tensor>();
        passes.Mixture(mixture, batch.Views, targets.Teacher, targets.Foreign, at, losses);
        var gradient = mixture.Gradient();
        var sums = tensor(
            gradient.SelectMany(g => g).Select(g => (float)g).Append(losses[0].item<float>()).ToArray(), device: losses[0].device);
        deal.Processes?.AllReduce(sums);
        var (all, start) = (sums.cpu().data<float>().ToArray(), 0);
        HeldOutLoss = all[^1];
        return ChoiceLogits.ByLogits(
            Choices.Probabilities, [.. gradient.Select(g => Array.ConvertAll(all[start..(start += g.Length)], x => (double)x))]);
    }

    /// <summary>
    /// The gradient by the logits of the mixture's loss after the step of the weights to come, see <see cref="UnrolledGradient"/>.
    /// </summary>
    internal double[][] Ahead(LearningBatch heldOut, LearningBatch training, RunPosition at, double rate)
    {
        var weights = networks.StudentWeights;
        // Neither the teacher nor a memory moves meanwhile.
        var (ofTraining, ofHeldOut) = (Targets(training), Targets(heldOut));
        double? loss = null;
        var gradient = UnrolledGradient.Of(weights, optimizer, method.UpdateAt(at, rate), Training, () =>
        {
            var own = OfMixture(heldOut, ofHeldOut, at);
            deal.Processes?.AllReduce(weights.Gradients);
            loss = HeldOutLoss;
            return own;
        });
        HeldOutLoss = loss;
        return gradient;

        double[][] Training()
        {
            var own = OfMixture(training, ofTraining, at);
            // The other student of the step: the largest network, whose loss does not depend on the probabilities.
            passes.Students(training.Views, [networks.Largest], ofTraining.Teacher, ofTraining.Foreign, at, []);
            deal.Processes?.AllReduce(weights.Gradients);
            return own;
        }
    }

    private LearningTargets Targets(LearningBatch batch) =>
        new(passes.Teacher(batch.Views, networks.Largest), objective.Assigned(batch.Foreign));

    /// <summary>What the students' losses on a batch compare with.</summary>
    private readonly record struct LearningTargets(ViewOutput?[]? Teacher, IReadOnlyList<ForeignOutput?> Foreign);

    /// <inheritdoc/>
    public void Dispose() => Choices.Dispose();
}

/// <summary>Images as a step takes them.</summary>
/// <param name="Views">Each view of the same images, [N, 3, S, S].</param>
/// <param name="Foreign">By view, what a foreign teacher says of them; empty where there is none.</param>
public sealed record LearningBatch(ViewBatch Views, IReadOnlyList<ForeignOutput?> Foreign);
