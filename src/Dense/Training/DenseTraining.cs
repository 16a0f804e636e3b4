using System.Globalization;
using DataSsl.Dense.Data;
using DataSsl.Runtime;
using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Storage;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DataSsl.Dense.Training;

/// <summary>
/// Trains a dense network, step by step. All that is random is drawn by seed and step, so that a run that was interrupted goes on as if it
/// had not been.
/// </summary>
public sealed class DenseTraining : IDisposable
{
    private const string Format = "datassl-dense-training/1", RunKey = "run ";

    private readonly DenseNetwork network;
    private readonly DenseExamples examples;
    private readonly DenseTrainOptions options;
    private readonly JointAugmentation how;
    private readonly ulong seed;
    private readonly Device device;
    private readonly List<Parameter> parameters;
    private readonly ModuleSgd optimizer;
    private readonly int batch;
    private (int Epoch, int[] Order) order = (-1, []);

    /// <param name="network">It stays the caller's.</param>
    /// <param name="examples">What it learns from.</param>
    /// <param name="options">How.</param>
    /// <param name="seed">Of the order, the views and what heads draw.</param>
    /// <param name="device">Where the network is.</param>
    public DenseTraining(DenseNetwork network, DenseExamples examples, DenseTrainOptions options, long seed, Device device)
    {
        (this.network, this.examples, this.options, this.seed, this.device) = (network, examples, options, (ulong)seed, device);
        how = network.Settings.Images() with { Scale = options.Scale, FlipChance = new JointAugmentation().FlipChance };
        batch = Math.Min(options.Batch, examples.Count);
        parameters = [.. network.Module.parameters().Where(parameter => parameter.requires_grad)];
        optimizer = new(parameters.Select(parameter => ((Tensor)parameter, options.Rate)), options.Momentum, options.WeightDecay);
    }

    /// <summary>Steps that were made.</summary>
    public int Step { get; private set; }

    /// <summary>Whether all were.</summary>
    public bool IsDone => Step >= options.Steps;

    /// <summary>Makes one step, and gives its loss.</summary>
    /// <exception cref="InvalidOperationException">It is no number any more.</exception>
    public double MakeStep()
    {
        network.Module.train();
        if (!options.TrainsNorm) network.Backbone.eval();
        using var scope = NewDisposeScope();
        // What layers of libtorch drop out is drawn by its own generator.
        random.manual_seed((long)(CounterRandom.For(seed, "dense training", Step).NextBits() >> 1));
        var loss = examples.Loss(network, Some(), how, seed, Step, device);
        var value = loss.item<float>();
        if (!float.IsFinite(value))
            throw new InvalidOperationException(
                FormattableString.Invariant($"training diverged: at step {Step} its loss is no number any more; give a smaller --rate"));
        loss.backward();
        nn.utils.clip_grad_norm_(parameters.Where(HasGradient), options.Clip);
        optimizer.Step(options.Share(Step));
        Step++;
        return value;
    }

    /// <summary>The network as it is now, ready to be used.</summary>
    /// <exception cref="InvalidOperationException">A weight is no number any more.</exception>
    public DenseNetwork Finish()
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        if (!parameters.TrueForAll(parameter => parameter.isfinite().all().item<bool>()))
            throw new InvalidOperationException(
                "training diverged in its last steps: a weight is no number any more; give a smaller --rate");
        network.Module.eval();
        return network;
    }

    /// <summary>Writes all that a step changes; whole or not at all.</summary>
    /// <param name="path">The target.</param>
    /// <param name="run">What the run is of: who goes on must agree in it.</param>
    public void Save(string path, IReadOnlyDictionary<string, string> run)
    {
        using var scope = NewDisposeScope();
        var metadata = run.ToDictionary(entry => RunKey + entry.Key, entry => entry.Value);
        metadata.Add("format", Format);
        metadata.Add("step", Step.ToString(CultureInfo.InvariantCulture));
        SafeTensors.Write(path, State(), metadata);
    }

    /// <summary>Goes on from where <see cref="Save"/> was called.</summary>
    /// <exception cref="UserException">The file is none of a training, or is damaged, or is of another run.</exception>
    public void Load(string path, IReadOnlyDictionary<string, string> run)
    {
        var metadata = SafeTensors.ReadMetadata(path);
        if (metadata.GetValueOrDefault("format") != Format
            || !int.TryParse(metadata.GetValueOrDefault("step"), NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            || step > options.Steps)
            throw new UserException($"{path}: not the state of such a training; delete it, or give another --out");
        foreach (var (key, value) in run)
            if (metadata.GetValueOrDefault(RunKey + key) is var there && there != value)
                throw new UserException(
                    $"{path}: the run there has another {key} ({there ?? "none"}, not {value}); go on with its own, or give another --out");
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        SafeTensors.ReadInto(path, State().ToDictionary(entry => entry.Name, entry => entry.Tensor));
        Step = step;
    }

    private IEnumerable<(string Name, Tensor Tensor)> State() =>
        network.State.Select(entry => ("weights " + entry.Key, entry.Tensor))
            .Concat(optimizer.Momentum.Select((tensor, i) => (FormattableString.Invariant($"momentum {i}"), tensor)));

    /// <summary>The present step's: each once in an epoch, but for what fills no last batch.</summary>
    private int[] Some()
    {
        var perEpoch = examples.Count / batch;
        var epoch = Step / perEpoch;
        if (order.Epoch != epoch) order = (epoch, CounterRandom.For(seed, "dense order", epoch).Permutation(examples.Count));
        return order.Order[(Step % perEpoch * batch)..((Step % perEpoch + 1) * batch)];
    }

    private static bool HasGradient(Parameter parameter)
    {
        using var gradient = parameter.grad;
        return gradient is not null;
    }

    /// <summary>Frees what the optimizer keeps; the network is the caller's.</summary>
    public void Dispose() => optimizer.Dispose();
}
