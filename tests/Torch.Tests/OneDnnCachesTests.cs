using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Torch.Tests;

/// <summary>oneDNN's convolutions against 64 bits, which it does not compute, on any processor and behind any hypervisor.</summary>
public sealed class OneDnnCachesTests
{
    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.BFloat16, 2e-2)]
    public void Convolutions_are_right(ScalarType type, double tolerance)
    {
        var wrong = new List<string>();
        foreach (var (kernel, stride) in ((long, long)[])[(1, 1), (1, 2), (3, 1), (3, 2)])
            foreach (var last in (bool[])[true, false])
                // Few and many channels, whole vectors and parts of one: oneDNN pads the weights of the latter.
                foreach (var channels in (long[])[8, 17, 24, 40, 72, 104])
                    foreach (var outputs in (long[])[channels, 2 * channels, channels + 8, 64])
                    {
                        using var scope = NewDisposeScope();
                        Tensor x = randn(2, channels, 14, 14).to(type), weight = randn(outputs, channels, kernel, kernel).to(type);
                        if (last) x = MemoryFormat.ChannelsLast(x);
                        Poison();
                        var y = functional.conv2d(x, weight, strides: [stride, stride], padding: [kernel / 2, kernel / 2]);
                        var exact = functional.conv2d(
                            x.to(ScalarType.Float64).contiguous(), weight.to(ScalarType.Float64), strides: [stride, stride],
                            padding: [kernel / 2, kernel / 2]);
                        var difference = (y.to(ScalarType.Float64) - exact).abs().max().ToDouble() / exact.abs().max().ToDouble();
                        if (!(difference < tolerance))
                            wrong.Add(
                                $"{kernel}x{kernel} by {stride}, {channels} -> {outputs}, {(last ? "channels last" : "in rows")}: {difference:g2}");
                    }
        Assert.True(wrong.Count == 0, $"{wrong.Count} wrong: {string.Join("; ", wrong.Take(10))}");

        // What libtorch allocates next lies where these lay: what nobody has written there shows.
        static void Poison()
        {
            foreach (var length in (long[])[2 * 104 * 14 * 14, 104 * 208 * 9, 40 * 80 * 9, 24 * 24 * 9, 2 * 64 * 14 * 14])
                full(length, float.NaN).Dispose();
        }
    }

    [SkippableFact]
    public void The_caches_are_hidden_where_the_kernel_finds_none()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && X86Base.IsSupported, "another system or processor");
        var amd = File.ReadLines("/proc/cpuinfo")
            .Any(line => line.StartsWith("vendor_id", StringComparison.Ordinal) && line.EndsWith("AuthenticAMD", StringComparison.Ordinal));
        Assert.Equal(amd && !Directory.Exists("/sys/devices/system/cpu/cpu0/cache/index0"), OneDnnCaches.AreHidden);
    }
}
