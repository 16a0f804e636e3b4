using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Optimizers;

/// <summary>
/// LARS as BYOL and SSLight use it: a parameter's gradient with its weight decay is scaled to <see cref="Trust"/> times the parameter's
/// norm, and then goes through SGD with momentum. Biases and the scales and shifts of norms take part in neither: they get plain SGD with
/// momentum. Depthwise kernels are scaled but do not decay, as in SSLight.
/// </summary>
public sealed class Lars(ParameterStore store, double momentum) : Optimizer(store)
{
    /// <summary>eta: an update's norm at a rate of 1, as a share of the parameter's.</summary>
    public const double Trust = 0.001;

    private readonly Tensor buffer = Buffer(store);

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Tensor Values)> State => [("momentum", buffer)];

    /// <inheritdoc/>
    protected override void Update(OptimizerStep step)
    {
        foreach (var slot in Store.Slots)
        {
            if (IsFrozen(slot, step)) continue;
            using var scope = NewDisposeScope();
            var (values, gradient) = (slot.Full(), slot.FullGradient());
            var update = IsVector(slot)
                ? gradient
                : Scaled(values, slot.IsDepthwise ? gradient : gradient.add(values, alpha: step.WeightDecay));
            // Not in one pass: a kernel's strides need not be those of a fresh tensor.
            values.add_(slot.ViewOf(buffer).mul_(momentum).add_(update), alpha: -step.Rate);
        }
    }

    /// <summary>Without a wait for the device; where either norm is 0 the update stays as it is.</summary>
    private static Tensor Scaled(Tensor values, Tensor update)
    {
        var (own, other) = (values.norm(), update.norm());
        var trust = own.mul(Trust).div(other);
        return update.mul(where(own.gt(0).logical_and(other.gt(0)), trust, ones_like(trust)));
    }
}
