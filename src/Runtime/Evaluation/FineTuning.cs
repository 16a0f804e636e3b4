using DataSsl.Runtime.Data;
using DataSsl.Runtime.Norms;
using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Views;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Evaluation;

/// <summary>How a network is fine-tuned.</summary>
/// <param name="Epochs">Passes over the labelled images.</param>
/// <param name="Batch">Images a step.</param>
/// <param name="Rate">The backbone's learning rate at the start of its cosine to 0.</param>
/// <param name="HeadRate">The new classifier's.</param>
/// <param name="WeightDecay">Of all weights.</param>
/// <param name="Momentum">Of SGD.</param>
public sealed record FineTuneOptions(
    int Epochs = 30, int Batch = 64, double Rate = 0.01, double HeadRate = 0.01, double WeightDecay = 1e-4, double Momentum = 0.9);

/// <summary>
/// A network with a linear classifier behind it, trained together on labelled images: random resized crops and flips, SGD, cosine.
/// </summary>
public sealed class FineTuning : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> network;
    private readonly Tensor weight;
    private readonly Tensor bias;

    private FineTuning(nn.Module<Tensor, Tensor> network, long channels, int classes, long seed, Device device)
    {
        this.network = network;
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        // Drawn on the CPU: the same on every device.
        weight = randn([classes, channels], generator: generator).mul_(0.01).to(device).requires_grad_().DetachFromDisposeScope();
        bias = zeros(classes, ScalarType.Float32, device).requires_grad_().DetachFromDisposeScope();
    }

    /// <summary>Trains the network itself, and afterwards gathers its BatchNorm statistics anew over the same images.</summary>
    /// <param name="network">[N, 3, S, S] -> [N, C]; it stays the caller's.</param>
    /// <param name="store">The images.</param>
    /// <param name="indices">Those that are labelled; at least two.</param>
    /// <param name="labels">Their classes.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="size">Side of the views in pixels.</param>
    /// <param name="options">How.</param>
    /// <param name="seed">Of the order, the views and the classifier's first weights.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="calibrationImages">Those of the statistics; null for <see cref="CalibrationDraw.Default"/>.</param>
    /// <param name="progress">Told the steps done and the mean loss of the epoch, after every epoch.</param>
    /// <exception cref="InvalidOperationException">The loss, or a weight, is no number any more.</exception>
    public static FineTuning Run(
        nn.Module<Tensor, Tensor> network, ImageStore store, int[] indices, int[] labels, int classes, int size, FineTuneOptions options,
        long seed, Device device,
        CalibrationDraw? calibrationImages = null, Action<int, double>? progress = null)
    {
        var images = new EvaluationImages(store, size, device, indices);
        network.eval();
        using var first = new EvaluationImages(store, size, device, indices[..1]).Features(network.call);
        var tuned = new FineTuning(network, first.shape[1], classes, seed, device);
        try
        {
            tuned.Train(store, indices, labels, size, options, seed, device, progress);
            tuned.Calibrate(images, calibrationImages ?? CalibrationDraw.Default);
            return tuned;
        }
        catch
        {
            tuned.Dispose();
            throw;
        }
    }

    /// <summary>Steps that so many images take.</summary>
    public static int Steps(int images, FineTuneOptions options) => options.Epochs * Math.Max(1, images / options.Batch);

    /// <summary>The classifier's logits: [N, classes].</summary>
    public Tensor Scores(EvaluationImages images) => images.Features(Logits);

    private void Train(
        ImageStore store, int[] indices, int[] labels, int size, FineTuneOptions options, long seed, Device device,
        Action<int, double>? progress)
    {
        using var optimizer = new ModuleSgd(
            network.parameters().Where(p => p.requires_grad).Select(p => ((Tensor)p, options.Rate))
                .Concat([(weight, options.HeadRate), (bias, options.HeadRate)]),
            options.Momentum, options.WeightDecay);
        var batch = Math.Min(options.Batch, indices.Length);
        var (perEpoch, steps) = (indices.Length / batch, Steps(indices.Length, options));
        network.train();
        for (var step = 0; step < steps;)
        {
            using var epoch = NewDisposeScope();
            var order = CounterRandom.For((ulong)seed, "fine-tuning order", step / perEpoch).Permutation(indices.Length);
            var losses = zeros(Array.Empty<long>(), ScalarType.Float64, device);
            // What does not fill a last batch comes in another epoch.
            foreach (var some in order.Chunk(batch).Take(perEpoch))
            {
                using var scope = NewDisposeScope();
                var views = ViewMaker.Make(
                    store, Array.ConvertAll(some, i => indices[i]), ViewRecipe.Weak(size), (ulong)seed, step, 0, device);
                var right = tensor(Array.ConvertAll(some, i => (long)labels[i]), device: device);
                var loss = nn.functional.cross_entropy(Logits(views), right);
                loss.backward();
                optimizer.Step((1 + Math.Cos(Math.PI * step++ / steps)) / 2);
                losses.add_(loss.detach());
            }
            var mean = losses.item<double>() / perEpoch;
            if (!double.IsFinite(mean))
                throw new InvalidOperationException("fine-tuning diverged: its loss is no number any more; give smaller rates");
            progress?.Invoke(step, mean);
        }
        // The last steps' losses are of weights before them.
        if (!AreWeightsFinite())
            throw new InvalidOperationException(
                "fine-tuning diverged in its last steps: a weight is no number any more; give smaller rates");
        network.eval();
    }

    private bool AreWeightsFinite()
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        return network.parameters().Append(weight).Append(bias).All(p => p.isfinite().all().item<bool>());
    }

    private Tensor Logits(Tensor images) => nn.functional.linear(network.call(images), weight, bias);

    /// <summary>
    /// BatchNorm's running averages lag behind the last steps, and a short training hardly moves them: those of the images, by the weights
    /// as they are now, take their place.
    /// </summary>
    private void Calibrate(EvaluationImages images, CalibrationDraw draw)
    {
        using var grad = no_grad();
        var norms = network.modules().OfType<NormBase>().Where(norm => norm.track_running_stats).ToList();
        if (norms.Count == 0) return;
        using var scope = NewDisposeScope();
        using var statistics = new NormStatistics();
        foreach (var norm in norms) norm.train();
        var hooks = norms.Select((norm, i) => norm.register_forward_pre_hook((_, x) =>
        {
            statistics.Add($"BatchNorm {i}", x);
            return x;
        })).ToList();
        statistics.Gather(images.CalibrationBatches(draw), batch =>
        {
            using var inner = NewDisposeScope();
            network.call(batch);
        });
        foreach (var hook in hooks) hook.remove();
        for (var i = 0; i < norms.Count; i++)
        {
            var (mean, variance) = statistics.Of($"BatchNorm {i}");
            norms[i].running_mean!.copy_(mean);
            norms[i].running_var!.copy_(variance);
        }
        network.eval();
    }

    /// <summary>Frees the classifier; the network is the caller's.</summary>
    public void Dispose()
    {
        weight.Dispose();
        bias.Dispose();
    }
}
