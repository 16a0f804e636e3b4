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
        var (noBFloat16, noTiles) = Processor.Below(Environment.GetEnvironmentVariable("ONEDNN_MAX_CPU_ISA"));
        Assert.Equal(!noTiles && Regex.IsMatch(flags, @"\bamx_bf16\b"), Processor.HasAmx);
        Assert.Equal((!noBFloat16 && Regex.IsMatch(flags, @"\bavx512_bf16\b")) || Processor.HasAmx, Processor.HasBFloat16);
    }

    /// <summary>The names of oneDNN's variable, from its documentation, in the order that it gives them.</summary>
    [Theory]
    [InlineData(null, false, false)]
    [InlineData("ALL", false, false)]
    [InlineData("avx2", true, true)]
    [InlineData("AVX512_CORE_VNNI", true, true)]
    [InlineData("AVX512_CORE_BF16", false, true)]
    [InlineData("avx512_core_amx", false, false)]
    [InlineData("AVX512_CORE_AMX_FP16", false, false)]
    [InlineData("none of them", false, false)]
    public void A_limit_on_oneDNN_takes_away_what_lies_above_it(string? limit, bool noBFloat16, bool noTiles) =>
        Assert.Equal((noBFloat16, noTiles), Processor.Below(limit));
}
