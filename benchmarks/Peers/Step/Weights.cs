using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DataSsl.Peers.Step;

/// <summary>
/// The parameters of a network as training keeps them: in 32 bits, beside what convolutions compute with where that is another type. Every
/// update is in place.
/// </summary>
internal sealed class Weights
{
    private readonly List<(Parameter Computed, Tensor Master)> all;

    public Weights(nn.Module network)
    {
        using var grad = no_grad();
        all = network.parameters().Select(p => (p, p.dtype == ScalarType.Float32 ? p : p.to(ScalarType.Float32))).ToList();
    }

    public IReadOnlyList<Tensor> Masters => all.ConvertAll(p => p.Master);

    /// <summary>SGD with momentum and weight decay, without a tensor besides.</summary>
    public void Step(IReadOnlyList<Tensor> momenta, double rate, double momentum, double weightDecay)
    {
        for (var i = 0; i < all.Count; i++)
        {
            using var scope = NewDisposeScope();
            var (computed, master) = all[i];
            momenta[i].mul_(momentum).add_(master, alpha: weightDecay).add_(computed.grad!);
            master.add_(momenta[i], alpha: -rate);
            if (!ReferenceEquals(computed, master)) computed.copy_(master);
        }
    }

    /// <summary>These move towards others: m * these + (1 - m) * others.</summary>
    public void Follow(Weights others, double momentum)
    {
        for (var i = 0; i < all.Count; i++)
        {
            using var scope = NewDisposeScope();
            var (computed, master) = all[i];
            master.mul_(momentum).add_(others.all[i].Master, alpha: 1 - momentum);
            if (!ReferenceEquals(computed, master)) computed.copy_(master);
        }
    }

    /// <summary>The same as others, in every type.</summary>
    public void CopyFrom(Weights others)
    {
        using var grad = no_grad();
        for (var i = 0; i < all.Count; i++)
        {
            all[i].Master.copy_(others.all[i].Master);
            all[i].Computed.copy_(others.all[i].Master);
        }
    }
}
