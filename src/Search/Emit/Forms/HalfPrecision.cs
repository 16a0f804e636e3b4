using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>
/// A state dict in half the space. Matrices and kernels are kept in float16, whose 11 bits hold a weight eight times as exactly as
/// bfloat16's 8; vectors, statistics and counters stay as they are: they are few, and a variance may lie beyond float16's range. A matrix
/// with a value beyond it stays too.
/// </summary>
public static class HalfPrecision
{
    /// <summary>The entries under their keys, each halved when it is asked for; what stays is the given tensor itself.</summary>
    public static IEnumerable<(string Key, Tensor Tensor)> Of(IEnumerable<(string Key, Tensor Tensor)> state) =>
        state.Select(
            entry =>
                entry.Tensor.dim() > 1 && entry.Tensor.is_floating_point() && entry.Tensor.to(ScalarType.Float16) is var half
                    && half.isfinite().all().item<bool>()
                    ? (entry.Key, half)
                    : entry);
}
