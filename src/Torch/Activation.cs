using static TorchSharp.torch;

namespace DataSsl.Torch;

/// <summary>What follows a layer in the same pass.</summary>
public enum Activation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>min(max(x, 0), 6).</summary>
    Relu6,
}

/// <summary>Activations by libtorch's own operators.</summary>
public static class Activations
{
    /// <summary>Writes the activation of a tensor over it, and returns it.</summary>
    public static Tensor Into(this Activation activation, Tensor y) =>
        activation switch { Activation.Relu => y.relu_(), Activation.Relu6 => y.relu6_(), _ => y };
}
