using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>SGD with momentum and weight decay over a store's flat buffers: PyTorch's rule (no dampening, no Nesterov) in three large operations.</summary>
public sealed class Sgd(ParameterStore store, double momentum, double weightDecay) : IDisposable
{
    /// <summary>The momentum buffer, flat: [count].</summary>
    public Tensor Momentum { get; } = zeros_like(store.Values).DetachFromDisposeScope();

    /// <summary>buf = momentum * buf + gradient + weightDecay * values; values -= rate * buf. Consumes the gradients.</summary>
    public void Step(double rate)
    {
        using var grad = no_grad();
        store.CollectGradients();
        store.Gradients.add_(store.Values, alpha: weightDecay);
        Momentum.mul_(momentum).add_(store.Gradients);
        store.Values.add_(Momentum, alpha: -rate);
        store.RefreshComputeValues();
    }

    public void Dispose() => Momentum.Dispose();
}
