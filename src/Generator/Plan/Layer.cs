using System;

namespace DataSsl.Generator.Plan;

public enum LayerKind
{
    Conv,
    Norm,
    Relu,
    MaxPool,
}

/// <summary>One layer of a block template. Its channel counts are named ports of the template, bound to choices by each block.</summary>
/// <param name="Name">State-dict key below the block's; empty where the layer has no state.</param>
/// <param name="In">Port of the input channels.</param>
/// <param name="Out">Port of the output channels.</param>
/// <param name="Kernel">Side of the square kernel; padding is half of it, rounded down.</param>
/// <param name="Strided">Takes the block's stride in place of its own.</param>
public sealed record Layer(LayerKind Kind, string Name, string In, string Out, int Kernel, int Stride, bool Strided) : IEquatable<Layer>
{
    public int Padding => Kernel / 2;

    /// <summary>A convolution without bias.</summary>
    public static Layer Conv(string name, string @in, string @out, int kernel, int stride = 1, bool strided = false) =>
        new(LayerKind.Conv, name, @in, @out, kernel, stride, strided);

    /// <summary>BatchNorm over the channels of a port.</summary>
    public static Layer Norm(string name, string port) => new(LayerKind.Norm, name, port, port, Kernel: 1, Stride: 1, Strided: false);

    public static Layer Relu() => new(LayerKind.Relu, "", "", "", Kernel: 1, Stride: 1, Strided: false);

    public static Layer MaxPool(string name, int kernel, int stride) => new(LayerKind.MaxPool, name, "", "", kernel, stride, Strided: false);

    public int StrideIn(Block block) => Strided ? block.Stride : Stride;
}
