using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>MobileNet's activation, min(max(x, 0), 6).</summary>
internal static class Relu6
{
    private const double Most = 6;

    /// <summary>Any shape -> the same; the input may be overwritten.</summary>
    /// <remarks>libtorch 1.13 cannot differentiate its own in bfloat16 on the CPU; the two steps have the same values, and the same gradient but where the input is exactly 6.</remarks>
    public static Tensor forward(Tensor x) =>
        is_grad_enabled() && x.dtype == ScalarType.BFloat16 && x.device_type == DeviceType.CPU ? x.relu_().clamp_max(Most) : x.relu6_();
}
