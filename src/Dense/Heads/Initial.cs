using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DataSsl.Dense.Heads;

/// <summary>First weights, drawn on the processor from a seed: the same on every device, and whatever else draws at the time.</summary>
internal sealed class Initial : IDisposable
{
    private readonly torch.Generator generator;

    public Initial(long seed, string purpose) => generator = new(Runtime.CounterRandom.For((ulong)seed, purpose).NextBits() >> 1);

    /// <summary>Weights of a deviation, biases of a value.</summary>
    public Conv2d Normal(Conv2d layer, double deviation, double bias = 0)
    {
        using var grad = no_grad();
        layer.weight.normal_(0, deviation, generator);
        layer.bias?.fill_(bias);
        return layer;
    }

    /// <summary>By what a ReLU lets through of the outputs (He et al. 2015); no biases.</summary>
    public Conv2d KaimingOut(Conv2d layer)
    {
        KaimingOut(layer.weight);
        Zero(layer.bias);
        return layer;
    }

    /// <summary>The same of a strided convolution back, with biases as PyTorch draws them.</summary>
    public ConvTranspose2d KaimingOut(ConvTranspose2d layer)
    {
        Uniform(layer);
        KaimingOut(layer.weight);
        return layer;
    }

    /// <summary>Uniform, of the variance of the inputs; no biases.</summary>
    public Conv2d KaimingIn(Conv2d layer)
    {
        using var grad = no_grad();
        var bound = Math.Sqrt(3.0 / FanIn(layer.weight));
        layer.weight.uniform_(-bound, bound, generator);
        Zero(layer.bias);
        return layer;
    }

    /// <summary>PyTorch's own, of weights and biases.</summary>
    public Linear Uniform(Linear layer)
    {
        Uniform(layer.weight, layer.bias, layer.weight.shape[1]);
        return layer;
    }

    /// <summary>PyTorch's own, of weights and biases.</summary>
    public Conv2d Uniform(Conv2d layer)
    {
        Uniform(layer.weight, layer.bias, FanIn(layer.weight));
        return layer;
    }

    /// <summary>PyTorch's own, of weights and biases.</summary>
    public ConvTranspose2d Uniform(ConvTranspose2d layer)
    {
        Uniform(layer.weight, layer.bias, FanIn(layer.weight));
        return layer;
    }

    /// <summary>One, and no biases: TorchSharp leaves what was in memory.</summary>
    public static GroupNorm One(GroupNorm norm)
    {
        One(norm.weight, norm.bias);
        return norm;
    }

    /// <summary>One, and no biases.</summary>
    public static LayerNorm One(LayerNorm norm)
    {
        One(norm.weight, norm.bias);
        return norm;
    }

    /// <summary>One, and no biases.</summary>
    public static BatchNorm2d One(BatchNorm2d norm)
    {
        One(norm.weight, norm.bias);
        return norm;
    }

    public void Dispose() => generator.Dispose();

    private void KaimingOut(Tensor weight)
    {
        using var grad = no_grad();
        weight.normal_(0, Math.Sqrt(2.0 / (weight.shape[0] * weight.shape[2] * weight.shape[3])), generator);
    }

    private void Uniform(Tensor weight, Tensor? bias, long inputs)
    {
        using var grad = no_grad();
        var bound = 1 / Math.Sqrt(inputs);
        weight.uniform_(-bound, bound, generator);
        bias?.uniform_(-bound, bound, generator);
    }

    private static void One(Tensor? weight, Tensor? bias)
    {
        using var grad = no_grad();
        weight?.fill_(1);
        bias?.zero_();
    }

    private static void Zero(Tensor? bias)
    {
        using var grad = no_grad();
        bias?.zero_();
    }

    private static long FanIn(Tensor weight) => weight.numel() / weight.shape[0];
}
