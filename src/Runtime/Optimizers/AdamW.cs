using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Optimizers;

/// <summary>
/// AdamW over a store's flat buffers: PyTorch's rule with its betas 0.9 and 0.999; biases and the scales and shifts of norms do not decay.
/// </summary>
public sealed class AdamW(ParameterStore store) : Optimizer(store)
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly Tensor mean = Buffer(store);
    private readonly Tensor square = Buffer(store);

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Tensor Values)> State => [("adam.mean", mean), ("adam.square", square)];

    /// <inheritdoc/>
    protected override void Update(OptimizerStep step)
    {
        foreach (var (first, length, (frozen, late, decays)) in
            Store.Pieces(slot => (IsFrozen(slot, step), LateSlots.Contains(slot), !IsVector(slot))))
        {
            if (frozen) continue;
            // The bias correction counts a parameter's own updates.
            var count = step.Step + 1 - (late ? step.FrozenSteps : 0);
            foreach (var (start, some) in Store.Stretches(first, length))
                Update(start, some, step.Rate, decays ? step.WeightDecay : 0, count);
        }
    }

    private void Update(long start, long length, double rate, double decay, long count)
    {
        using var scope = NewDisposeScope();
        var (values, gradient) = (Store.Values.narrow(0, start, length), Store.Gradients.narrow(0, start, length));
        var (m, v) = (mean.narrow(0, start, length), square.narrow(0, start, length));
        values.mul_(1 - rate * decay);
        m.mul_(Beta1).add_(gradient, alpha: 1 - Beta1);
        v.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
        var denominator = v.div(1 - Math.Pow(Beta2, count)).sqrt_().add_(Epsilon);
        values.addcdiv_(m, denominator, -rate / (1 - Math.Pow(Beta1, count)));
    }
}
