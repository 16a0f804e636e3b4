using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The initial values that PyTorch's layers share.</summary>
internal static class Initial
{
    /// <summary>Uniform within 1 / sqrt(fan in), for the bias beside a weight.</summary>
    internal static void BiasOf(Tensor weight, Tensor bias)
    {
        var (fanIn, _) = nn.init.CalculateFanInAndFanOut(weight);
        var bound = fanIn > 0 ? 1 / Math.Sqrt(fanIn) : 0;
        nn.init.uniform_(bias, -bound, bound);
    }
}
