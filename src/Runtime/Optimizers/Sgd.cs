using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Optimizers;

/// <summary>SGD with momentum and weight decay over a store's flat buffers: PyTorch's rule, without dampening and Nesterov.</summary>
/// <param name="decayVectors">Whether biases and the scales and shifts of norms decay too.</param>
public sealed class Sgd(ParameterStore store, double momentum, bool decayVectors) : Optimizer(store)
{
    /// <summary>The momentum buffer, flat: [count].</summary>
    public Tensor Momentum { get; } = Buffer(store);

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Tensor Values)> State => [("momentum", Momentum)];

    /// <inheritdoc/>
    protected override void Update(OptimizerStep step)
    {
        foreach (var (first, length, decays) in Store.Pieces(slot => IsFrozen(slot, step) ? (bool?)null : decayVectors || !IsVector(slot)))
        {
            if (decays is not { } decay) continue;
            foreach (var (start, count) in Store.Stretches(first, length))
            {
                using var values = Store.Values.narrow(0, start, count);
                using var buffer = Momentum.narrow(0, start, count);
                using var gradient = Store.Gradients.narrow(0, start, count);
                FlatUpdate.Sgd(values, buffer, gradient, momentum, decay ? step.WeightDecay : 0, step.Rate);
            }
        }
    }
}
