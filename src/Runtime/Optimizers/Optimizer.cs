using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Optimizers;

/// <summary>One step of an optimizer.</summary>
/// <param name="Rate">Learning rate.</param>
/// <param name="WeightDecay">Weight decay.</param>
/// <param name="Step">Steps done before.</param>
/// <param name="FrozenSteps">Steps at the beginning of the run that leave <see cref="Optimizer.LateSlots"/> alone.</param>
public readonly record struct OptimizerStep(double Rate, double WeightDecay, long Step, long FrozenSteps = 0);

/// <summary>
/// Updates a store's flat values from its flat gradients. What it keeps between steps lies in flat buffers of the same layout.
/// </summary>
public abstract class Optimizer(ParameterStore store) : IDisposable
{
    /// <summary>The parameters that are updated, with their gradients.</summary>
    protected ParameterStore Store { get; } = store;

    /// <summary>
    /// Parameters that the first steps of a run leave as they are, decay and momentum included (SwAV's prototypes, DINO's last layer).
    /// </summary>
    public IReadOnlyCollection<ParameterSlot> LateSlots { get; init; } = [];

    /// <summary>The largest norm that the gradient of a parameter keeps, see <see cref="OptimizerOptions"/>; 0 for any.</summary>
    public double Clip { get; init; }

    /// <summary>The buffers kept between steps, by the name that checkpoints give them: [count] each.</summary>
    public abstract IReadOnlyList<(string Name, Tensor Values)> State { get; }

    /// <summary>To be called before a step's gradients are added up in the store.</summary>
    /// <param name="step">The step.</param>
    public virtual void Begin(OptimizerStep step) => Store.ZeroGradients();

    /// <summary>Updates the values from the gradients; what the store has in their place afterwards is the optimizer's affair.</summary>
    public void Step(OptimizerStep step)
    {
        using var grad = no_grad();
        if (Clip > 0) ClipGradients();
        Update(step);
    }

    /// <summary>Does a step without autograd; gradients are clipped before it.</summary>
    protected abstract void Update(OptimizerStep step);

    /// <summary>Each parameter by itself, without a wait for the device.</summary>
    private void ClipGradients()
    {
        foreach (var slot in Store.Slots)
        {
            using var scope = NewDisposeScope();
            var gradient = slot.FullGradient();
            gradient.mul_(gradient.to(ScalarType.Float32).norm().add(1e-6).pow(-1).mul(Clip).clamp_max(1));
        }
    }

    /// <summary>Whether a step leaves a parameter alone.</summary>
    protected bool IsFrozen(ParameterSlot slot, OptimizerStep step) => step.Step < step.FrozenSteps && LateSlots.Contains(slot);

    /// <summary>Whether a parameter is a bias or a norm's scale or shift: one dimension.</summary>
    protected static bool IsVector(ParameterSlot slot) => slot.Shape.Length == 1;

    /// <summary>A flat buffer of a store's layout, all zero, outside every dispose scope: [count].</summary>
    protected static Tensor Buffer(ParameterStore store) => zeros_like(store.Values).DetachFromDisposeScope();

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        foreach (var (_, values) in State) values.Dispose();
    }
}

/// <summary>How gradients become updates.</summary>
public enum OptimizerKind
{
    /// <summary>SGD with momentum.</summary>
    Sgd,

    /// <summary>SGD with momentum and a rate for each parameter in proportion to its norm (You et al. 2017).</summary>
    Lars,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
    AdamW,
}

/// <summary>The optimizer of a run; its learning rate is the run's.</summary>
/// <param name="Kind">The rule.</param>
/// <param name="WeightDecay">At the start.</param>
/// <param name="FinalWeightDecay">At the end of half a cosine over the run; null for the same all along.</param>
/// <param name="Momentum">Of SGD and LARS.</param>
/// <param name="DecayVectors">Whether biases and the scales and shifts of norms decay too. LARS and AdamW never decay them.</param>
/// <param name="Clip">The norm that the gradient of a parameter is scaled down to where it is larger, each parameter by itself (DINO); 0
/// for none.</param>
public sealed record OptimizerOptions(
    OptimizerKind Kind, double WeightDecay, double? FinalWeightDecay = null, double Momentum = 0.9, bool DecayVectors = false,
    double Clip = 0)
{
    /// <summary>Weight decay of a step.</summary>
    public double WeightDecayAt(RunPosition at) => FinalWeightDecay is { } final ? at.Cosine(WeightDecay, final) : WeightDecay;

    /// <summary>Makes the optimizer of a store.</summary>
    /// <param name="late">See <see cref="Optimizer.LateSlots"/>.</param>
    /// <param name="apart">Whether somebody else wants to see gradients by themselves.</param>
    internal Optimizer Create(ParameterStore store, IReadOnlyCollection<ParameterSlot> late, bool apart = false) => Kind switch
    {
        OptimizerKind.Sgd => new Sgd(store, Momentum, DecayVectors, apart || Clip > 0) { LateSlots = late, Clip = Clip },
        OptimizerKind.Lars => new Lars(store, Momentum) { LateSlots = late, Clip = Clip },
        OptimizerKind.AdamW => new AdamW(store) { LateSlots = late, Clip = Clip },
        _ => throw new ArgumentOutOfRangeException(nameof(store), Kind, "no such optimizer"),
    };
}
