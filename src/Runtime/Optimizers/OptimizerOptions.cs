using DataSsl.Runtime.Supernets;

namespace DataSsl.Runtime.Optimizers;

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
/// <param name="Clip">The norm that the gradient of a parameter is scaled down to where it is larger, each parameter by itself (DINO); 0 for none.</param>
public sealed record OptimizerOptions(OptimizerKind Kind, double WeightDecay, double? FinalWeightDecay = null, double Momentum = 0.9, bool DecayVectors = false, double Clip = 0)
{
    /// <summary>Weight decay of a step.</summary>
    public double WeightDecayAt(RunPosition at) => FinalWeightDecay is { } final ? at.Cosine(WeightDecay, final) : WeightDecay;

    /// <summary>Makes the optimizer of a store.</summary>
    /// <param name="late">See <see cref="Optimizer.LateSlots"/>.</param>
    internal Optimizer Create(ParameterStore store, IReadOnlyCollection<ParameterSlot> late) => Kind switch
    {
        OptimizerKind.Sgd => new Sgd(store, Momentum, DecayVectors) { LateSlots = late, Clip = Clip },
        OptimizerKind.Lars => new Lars(store, Momentum) { LateSlots = late, Clip = Clip },
        OptimizerKind.AdamW => new AdamW(store) { LateSlots = late, Clip = Clip },
        _ => throw new ArgumentOutOfRangeException(nameof(store), Kind, "no such optimizer"),
    };
}
