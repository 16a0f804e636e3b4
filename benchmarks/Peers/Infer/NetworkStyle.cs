using static TorchSharp.torch;

namespace DataSsl.Peers.Infer;

/// <summary>How a network is evaluated.</summary>
/// <param name="Folded">Whether BatchNorm is part of the kernels.</param>
/// <param name="Compute">The type of maps and kernels.</param>
internal sealed record NetworkStyle(bool Folded, ScalarType Compute);
