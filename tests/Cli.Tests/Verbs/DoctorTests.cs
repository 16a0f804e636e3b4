namespace DataSsl.Cli.Tests.Verbs;

[Collection(nameof(ConsoleCollection))]
public sealed class DoctorTests
{
    [Fact]
    public void SaysWhatWillRun()
    {
        var facts = Command.Succeed("doctor", "--json").Json;
        Assert.Matches(@"^\d+\.\d+", (string)facts["libtorch"]!);
        Assert.True(File.Exists((string)facts["libtorchPath"]!));
        Assert.Contains((string)facts["cpuCapability"]!, new[] { "AVX512", "AVX2", "DEFAULT" });
        Assert.Equal(TorchSharp.torch.cuda.is_available() ? TorchSharp.torch.cuda.device_count() : 0, facts["cuda"]!.AsArray().Count);
        Assert.True((int)facts["threads"]! >= 1);
        Assert.Contains((string)facts["compute"]!, new[] { "float32", "bfloat16" });
        var lines = Command.Succeed("doctor").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(facts.Select(f => f.Key), lines.Select(line => line.Split(' ')[0]));
    }
}
