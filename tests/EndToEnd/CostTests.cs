using System.Text.Json.Nodes;

namespace DataSsl.EndToEnd;

/// <summary>The built program as a process: exit codes and streams as shells see them.</summary>
public sealed class CostTests
{
    [Fact]
    public void OneJsonObjectOnTheOutput()
    {
        var run = EmitProgram.DataSsl(
                "cost", "--space", "DataResNet", "--width", "64,64,128,256,512", "--depth", "3,4,6,3", "--size", "224", "--json")
            .Succeeded();
        var facts = JsonNode.Parse(run.Output)!;
        Assert.Equal((4_087_136_256, 23_454_912, false), ((long)facts["macs"]!, (long)facts["convWeights"]!, (bool)facts["onGrid"]!));
        Assert.Empty(run.Error);
    }

    [Theory]
    [
        InlineData(
            "datassl: --size 7 is too small for Demo: the network halves the image down to 1/32, so it takes 32 pixels or more\n", "cost",
            "--space", "Demo", "--arch", "Max", "--size", "7"),
    ]
    [
        InlineData(
            "datassl: nowhere: no such file\n", "search", "--checkpoint", "nowhere", "--data", ".", "--budgets", "3-4G", "--out",
            "nothing"),
    ]
    public void AMistakeIsOneLineAndExitCodeTwo(string line, params string[] arguments) =>
        Assert.Equal(new(2, "", line), EmitProgram.DataSsl(arguments));
}
