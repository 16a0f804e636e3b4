using DataSsl.Generator.Emit;
using DataSsl.Generator.Plan;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit;

/// <summary>
/// A classification head on the embedding, to be trained: weights from a normal distribution of deviation 0.01 and biases of zero, which is
/// how torchvision starts MobileNetV2's and MoCo's linear classification its own.
/// </summary>
/// <param name="Classes">Logits of an image.</param>
/// <param name="Seed">Of the weights.</param>
public sealed record WinnerHead(int Classes, long Seed)
{
    private const double Deviation = 0.01;

    /// <summary>Weight [classes, C] and bias [classes] under the keys of torchvision's or timm's network of the kind.</summary>
    internal IReadOnlyList<(string Key, Tensor Tensor)> State(NetworkPlan plan, FixedClassSpec spec)
    {
        using var random = new TorchSharp.torch.Generator((ulong)Seed);
        return
        [
            (plan.HeadKey + ".weight", randn([Classes, plan.Embedding.At(spec.Choices)], generator: random).mul_(Deviation)),
            (plan.HeadKey + ".bias", zeros(Classes)),
        ];
    }
}
