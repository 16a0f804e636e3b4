using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>SGD with momentum and weight decay over a store's flat buffers: PyTorch's rule, without dampening and Nesterov.</summary>
public sealed class Sgd(ParameterStore store, double momentum, double weightDecay) : IDisposable
{
    /// <summary>The momentum buffer, flat: [count].</summary>
    public Tensor Momentum { get; } = zeros_like(store.Values).DetachFromDisposeScope();

    /// <summary>buf = momentum * buf + gradient + weightDecay * values; values -= rate * buf.</summary>
    public void Step(double rate)
    {
        using var grad = no_grad();
        foreach (var (partStart, gradients) in store.GradientParts)
        {
            foreach (var (start, count) in store.Stretches(partStart, gradients.numel()))
            {
                using var values = store.Values.narrow(0, start, count);
                using var buffer = Momentum.narrow(0, start, count);
                using var gradient = gradients.narrow(0, start - partStart, count);
                FlatUpdate.Sgd(values, buffer, gradient, momentum, weightDecay, rate);
            }
        }
        store.Changed();
    }

    public void Dispose() => Momentum.Dispose();
}
