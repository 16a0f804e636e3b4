using System.Text.RegularExpressions;

namespace DataSsl.Torch.Tests;

public sealed class ProcessorTests
{
    /// <summary>libtorch's word, read out of a C++ string, against its rule computed here.</summary>
    [Fact]
    public void WhatLibtorchSaysIsWhatItsRuleComesTo() => Assert.Equal(Processor.Derived(), Processor.Capability);

    [Fact]
    public void TileAndNumberTypesAreThoseOfTheKernel()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.False(Processor.HasAmx || Processor.HasBFloat16);
            return;
        }
        var flags = Regex.Match(File.ReadAllText("/proc/cpuinfo"), @"^flags\s*: (.*)$", RegexOptions.Multiline).Groups[1].Value;
        Assert.Equal(Regex.IsMatch(flags, @"\bamx_bf16\b"), Processor.HasAmx);
        Assert.Equal(Regex.IsMatch(flags, @"\b(amx_bf16|avx512_bf16)\b"), Processor.HasBFloat16);
    }
}
