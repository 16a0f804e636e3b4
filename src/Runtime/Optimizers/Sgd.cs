using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Optimizers;

/// <summary>SGD with momentum and weight decay over a store's flat buffers: PyTorch's rule, without dampening and Nesterov.</summary>
/// <remarks>
/// A step's gradients are summed in the momentum itself, which has been decayed and given its share of the weights before: one buffer as
/// long as the weights less. They are kept apart where somebody wants to see them: to clip them, or to learn an architecture.
/// </remarks>
/// <param name="decayVectors">Whether biases and the scales and shifts of norms decay too.</param>
/// <param name="apart">Whether gradients are kept apart from the momentum.</param>
public sealed class Sgd(ParameterStore store, double momentum, bool decayVectors, bool apart) : Optimizer(store)
{
    /// <summary>The momentum buffer, flat: [count].</summary>
    public Tensor Momentum { get; } = apart ? Buffer(store) : store.Gradients;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Tensor Values)> State => [("momentum", Momentum)];

    /// <inheritdoc/>
    public override void Begin(OptimizerStep step)
    {
        if (apart)
        {
            base.Begin(step);
            return;
        }
        using var grad = no_grad();
        foreach (var (start, count, decay) in Stretches(step))
        {
            // What the first steps leave alone has no momentum from before.
            if (decay is null) continue;
            using var values = Store.Values.narrow(0, start, count);
            using var buffer = Momentum.narrow(0, start, count);
            FlatUpdate.Mix(buffer, values, momentum, decay.Value);
        }
    }

    /// <inheritdoc/>
    protected override void Update(OptimizerStep step)
    {
        foreach (var (start, count, decay) in Stretches(step))
        {
            using var values = Store.Values.narrow(0, start, count);
            using var buffer = Momentum.narrow(0, start, count);
            if (!apart)
            {
                if (decay is null) buffer.zero_();
                else FlatUpdate.Mix(values, buffer, 1, -step.Rate);
            }
            else if (decay is not null)
            {
                using var gradient = Store.Gradients.narrow(0, start, count);
                FlatUpdate.Sgd(values, buffer, gradient, momentum, decay.Value, step.Rate);
            }
        }
    }

    /// <summary>The buffers in stretches, each with its weight decay; null for what the step leaves alone.</summary>
    private IEnumerable<(long Start, long Count, double? Decay)> Stretches(OptimizerStep step) =>
        from piece in Store.Pieces(
            slot => IsFrozen(slot, step) ? (double?)null : decayVectors || !IsVector(slot) ? step.WeightDecay : 0)
        from stretch in Store.Stretches(piece.First, piece.Count)
        select (stretch.First, stretch.Count, piece.Treatment);

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (apart) Momentum.Dispose();
    }
}
