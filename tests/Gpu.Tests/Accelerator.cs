using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Gpu.Tests;

/// <summary>The device that these tests hold to the CPU.</summary>
internal static class Accelerator
{
    /// <summary>Names another device than the first GPU: <c>cpu</c> tries the tests themselves where there is none.</summary>
    private const string Variable = "DATASSL_TEST_DEVICE";

    /// <summary>The device; the test is skipped where the machine has none. Products are in full 32 bits, as on the CPU.</summary>
    public static Device Get()
    {
        var named = Environment.GetEnvironmentVariable(Variable);
        Skip.If(string.IsNullOrEmpty(named) && !cuda.is_available(), $"no CUDA device ({Variable}=cpu tries the tests on the CPU)");
        (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (false, false);
        return string.IsNullOrEmpty(named) ? CUDA : device(named);
    }

    /// <summary>The length (L2) of the difference relative to that of the CPU's values.</summary>
    public static double Difference(Tensor onCpu, Tensor onDevice)
    {
        using var scope = NewDisposeScope();
        var exact = onCpu.to(ScalarType.Float64);
        return (onDevice.cpu().to(ScalarType.Float64) - exact).norm().item<double>() / exact.norm().item<double>();
    }
}
