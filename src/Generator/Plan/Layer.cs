using System;

namespace DataSsl.Generator.Plan;

/// <summary>What a layer does.</summary>
public enum LayerKind
{
    /// <summary>A convolution over all input channels.</summary>
    Conv,

    /// <summary>A convolution of each channel by itself.</summary>
    Depthwise,

    /// <summary>BatchNorm over the channels of a map.</summary>
    BatchNorm,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>min(max(x, 0), 6).</summary>
    Relu6,

    /// <summary>The largest value of each square window.</summary>
    MaxPool,

    /// <summary>Cuts the image into square patches and projects each: a map becomes tokens.</summary>
    Patches,

    /// <summary>Puts a learned token before all others.</summary>
    ClassToken,

    /// <summary>Adds a learned embedding to each token.</summary>
    Positions,

    /// <summary>LayerNorm over the channels of each token.</summary>
    LayerNorm,

    /// <summary>A matrix with bias on each token.</summary>
    Linear,

    /// <summary>Attention of every token to every token.</summary>
    Attention,

    /// <summary>GELU in its exact form, x * (1 + erf(x / sqrt 2)) / 2.</summary>
    Gelu,
}

/// <summary>One layer of a block template. Its channel counts are named ports of the template, bound to choices by each block.</summary>
/// <param name="Name">
/// State-dict key below the block's. A dotted name is a path: numbered parts are positions in a Sequential, named ones modules of their
/// own. A layer without weights has a name only where it belongs to such a module.
/// </param>
/// <param name="In">Port of the input channels.</param>
/// <param name="Out">Port of the output channels.</param>
public sealed record Layer(LayerKind Kind, string Name, string In = "", string Out = "") : IEquatable<Layer>
{
    /// <summary>Side of the square kernel where it is no choice.</summary>
    public int Kernel { get; init; } = 1;

    /// <summary>Port of the kernel's side where it is a choice; then <see cref="Kernel"/> is not used.</summary>
    public string KernelPort { get; init; } = "";

    /// <summary>How far the kernel moves, in pixels; without effect where the layer is <see cref="Strided"/>.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Takes the block's stride in place of its own.</summary>
    public bool Strided { get; init; }

    /// <summary>
    /// Groups of output channels, one behind the other, of which each is sliced by itself: 3 for q, k and v in one matrix.
    /// </summary>
    public int Parts { get; init; } = 1;

    /// <summary>A convolution with a bias: what a BatchNorm that was folded into it leaves.</summary>
    public bool Biased { get; init; }

    /// <summary>What was fused into a convolution: the activation behind it, <see cref="LayerKind.Relu"/> or Relu6.</summary>
    public LayerKind? Activation { get; init; }

    /// <summary>What was fused into a convolution: the sum with the block's shortcut, before the activation.</summary>
    public bool TakesSum { get; init; }

    /// <summary>Tokens that have a position, or channels of an attention head.</summary>
    public int Length { get; init; }

    /// <summary>
    /// What the kernel reaches over the side: twice the padding, which keeps the side of an odd kernel, less the kernel. Patches have no
    /// padding.
    /// </summary>
    public int Reach => Kind == LayerKind.Patches ? -Kernel : 2 * (Kernel / 2) - Kernel;

    /// <summary>Channels of an attention's head; 0 for every other layer.</summary>
    public int HeadSize => Kind == LayerKind.Attention ? Length : 0;

    /// <summary>Whether it has entries in the state dict.</summary>
    public bool HasState => Kind is not (LayerKind.Relu or LayerKind.Relu6 or LayerKind.MaxPool or LayerKind.Attention or LayerKind.Gelu);

    /// <summary>Whether a kernel with weights moves over a map: convolutions of all channels or of each, and patches.</summary>
    public bool IsConvolution => Kind is LayerKind.Conv or LayerKind.Depthwise or LayerKind.Patches;

    /// <summary>Whether it multiplies what it takes by weights: convolutions and matrices.</summary>
    public bool HasWeights => IsConvolution || Kind == LayerKind.Linear;

    /// <summary>Whether each channel that it gives is a sum over those that it takes.</summary>
    public bool MixesChannels => HasWeights && Kind != LayerKind.Depthwise;

    /// <summary>Whether it adds a bias. A convolution leaves that to the norm behind it, until that is folded.</summary>
    public bool HasBias => Biased || Kind is LayerKind.Linear or LayerKind.Patches;

    /// <summary>Whether it normalises, and scales each channel then.</summary>
    public bool IsNorm => Kind is LayerKind.BatchNorm or LayerKind.LayerNorm;

    /// <summary>Whether it normalises by the statistics of all images together, which it keeps: BatchNorm.</summary>
    public bool HasStatistics => Kind == LayerKind.BatchNorm;

    /// <summary>Whether it is max(x, 0), be it bounded or not.</summary>
    public bool IsRectifier => Kind is LayerKind.Relu or LayerKind.Relu6;

    /// <summary>Whether it takes the largest value of each window.</summary>
    public bool IsPooling => Kind == LayerKind.MaxPool;

    /// <summary>Whether it makes tokens of a map.</summary>
    public bool GivesTokens => Kind == LayerKind.Patches;

    /// <summary>Whether it puts one more token before the others.</summary>
    public bool AddsToken => Kind == LayerKind.ClassToken;

    /// <summary>Whether its tensor, [1, tokens, C], is interpolated where there are more tokens or fewer.</summary>
    public bool IsResizable => Kind == LayerKind.Positions;

    /// <summary>Whether it is a tensor [1, tokens, C] by itself: a class token, or positions.</summary>
    public bool IsParameter => AddsToken || IsResizable;

    /// <summary>Whether it writes over its input: its output takes no room of its own.</summary>
    public bool IsInPlace => HasStatistics || IsRectifier || IsResizable;

    /// <summary>Whether a pass of this layer takes another with it that comes next.</summary>
    public bool Takes(Layer next) => GivesTokens ? next.IsParameter : IsConvolution && (next.HasStatistics || next.IsRectifier);

    /// <summary>A convolution without bias.</summary>
    public static Layer Conv(string name, string @in, string @out, int kernel, int stride = 1, bool strided = false) =>
        new(LayerKind.Conv, name, @in, @out) { Kernel = kernel, Stride = stride, Strided = strided };

    /// <summary>A convolution of each channel by itself, without bias, with a kernel of choice.</summary>
    public static Layer Depthwise(string name, string port, string kernelPort, bool strided) =>
        new(LayerKind.Depthwise, name, port, port) { KernelPort = kernelPort, Strided = strided };

    /// <summary>BatchNorm over the channels of a port.</summary>
    public static Layer BatchNorm(string name, string port) => new(LayerKind.BatchNorm, name, port, port);

    /// <summary>max(x, 0), which belongs to no module.</summary>
    public static Layer Relu() => new(LayerKind.Relu, "");

    /// <summary>min(max(x, 0), 6) within the module that the name is a path of.</summary>
    public static Layer Relu6(string name) => new(LayerKind.Relu6, name);

    /// <summary>The largest value of each square window, padded by half its side, rounded down.</summary>
    public static Layer MaxPool(string name, int kernel, int stride) => new(LayerKind.MaxPool, name) { Kernel = kernel, Stride = stride };

    /// <summary>Cuts the image into square patches and projects each, with bias: a map becomes tokens.</summary>
    public static Layer Patches(string name, string @in, string @out, int side) =>
        new(LayerKind.Patches, name, @in, @out) { Kernel = side, Stride = side };

    /// <summary>Puts a learned token before all others.</summary>
    public static Layer ClassToken(string name, string port) => new(LayerKind.ClassToken, name, port, port);

    /// <summary>Adds a learned embedding to each of <paramref name="tokens"/> tokens.</summary>
    public static Layer Positions(string name, string port, int tokens) => new(LayerKind.Positions, name, port, port) { Length = tokens };

    /// <summary>LayerNorm over the channels of a port.</summary>
    public static Layer LayerNorm(string name, string port) => new(LayerKind.LayerNorm, name, port, port);

    /// <summary>A matrix with bias on each token; <paramref name="parts"/> outputs side by side.</summary>
    public static Layer Linear(string name, string @in, string @out, int parts = 1) =>
        new(LayerKind.Linear, name, @in, @out) { Parts = parts };

    /// <summary>Attention of every token to every token from q, k and v side by side; the port is the channels of one of them.</summary>
    public static Layer Attention(string name, string port, int headSize) =>
        new(LayerKind.Attention, name, port, port) { Length = headSize };

    /// <summary>GELU within the module that the name is a path of.</summary>
    public static Layer Gelu(string name) => new(LayerKind.Gelu, name);
}
