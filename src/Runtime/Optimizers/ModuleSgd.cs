using static TorchSharp.torch;

namespace DataSsl.Runtime.Optimizers;

/// <summary>
/// SGD with momentum and weight decay over tensors that lie where a module has them, each with a rate of its own; the rule is that of
/// <see cref="Sgd"/>.
/// </summary>
/// <param name="parameters">Leaves with gradients, and their rates.</param>
/// <param name="momentum">Share of the last step's direction that stays.</param>
/// <param name="weightDecay">Of all of them.</param>
public sealed class ModuleSgd(IEnumerable<(Tensor Values, double Rate)> parameters, double momentum, double weightDecay) : IDisposable
{
    private readonly List<(Tensor Values, double Rate, Tensor Momentum)> entries =
    [
        .. parameters.Select(p => (p.Values, p.Rate, zeros_like(p.Values).DetachFromDisposeScope())),
    ];

    /// <summary>What it keeps between steps, in the parameters' order.</summary>
    public IEnumerable<Tensor> Momentum => entries.Select(entry => entry.Momentum);

    /// <summary>One step at a share of every rate; the gradients are zero after it.</summary>
    public void Step(double share)
    {
        using var grad = no_grad();
        foreach (var (values, rate, buffer) in entries)
        {
            // A layer that the output does not depend on has none.
            if (values.grad is not { } gradient) continue;
            using (gradient)
            {
                FlatUpdate.Sgd(values, buffer, gradient, momentum, weightDecay, rate * share);
                gradient.zero_();
            }
        }
    }

    /// <summary>Frees the momentum; the parameters are the caller's.</summary>
    public void Dispose()
    {
        foreach (var (_, _, buffer) in entries) buffer.Dispose();
    }
}
