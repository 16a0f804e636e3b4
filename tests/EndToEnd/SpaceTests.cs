namespace DataSsl.EndToEnd;

public sealed class SpaceTests
{
    [Fact]
    public void CheckSpeaksLikeACompiler()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(
            path,
            "space: Mine\nfamily: resnet-bottleneck\ninput: { channels: 3, size: 64 }\nstem: { width: 0 }\nstages:\n  - { width: 8, depth: "
                + "1 }\n");
        var run = EmitProgram.DataSsl("space", "check", path);
        Assert.Equal(2, run.ExitCode);
        Assert.Matches($@"\A{path}\(4,\d+\): error DSG\d\d\d: [^\n]+\n\z", run.Error);
        File.Delete(path);
    }
}
