using DataSsl.Runtime.Tests.Data;
using DataSsl.Search.Walk;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>What no machine holds is refused before the work, and what is refused would really have been taken.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class MemoryLimitTests(TrainedRun run)
{
    [Theory]
    [InlineData("train")]
    [InlineData("plan")]
    public void A_step_that_no_memory_holds_is_refused_and_leaves_no_folder(string verb)
    {
        var folder = run.NewFolder();
        var said = Command.Refuse(
            verb, "--space", "DataResNet", "--data", run.Data, "--batch", "8", "--epochs", "1", "--size", "8192", "--out", folder);
        Assert.Matches(
            @"\Aa step of 8 images of 8,192 px take about [\d,]+ MiB, and this machine has [\d,]+ MiB for them; give a smaller --batch or --size, or more --norm-groups\z",
            said);
        Assert.False(Directory.Exists(folder));
    }

    [SkippableFact]
    public void A_proof_that_no_memory_holds_is_refused_and_leaves_no_folder()
    {
        Skip.If(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes > 32L << 30, "holds it");
        var folder = run.NewFolder();
        var said = Command.Refuse(
            "emit", "--checkpoint", run.Run, "--data", run.Data, "--arch", "Max", "--images", "16", "--size", "8192", "--out", folder);
        Assert.Matches(
            @"\A16 images of 8,192 px together take about [\d,]+ MiB, and this machine has [\d,]+ MiB for them; give fewer --images, or a smaller --size\z",
            said);
        Assert.False(Directory.Exists(folder));
    }

    /// <summary>The bound is one: a step of Max, whose peak is measured, takes no less than it, and not many times as much.</summary>
    [Fact]
    public void A_step_takes_what_the_bound_says_or_more()
    {
        const int side = 128, batch = 16;
        var kept = new WalkMemory(Spaces.Demo.Space, [], side).Kept(Spaces.Demo.Space.Max, batch, sizeof(float));
        var peak = PeakMemory.Of(() => Command.Succeed(
            "train", "--space", "Demo", "--data", run.Data, "--arch", "Max", "--size", $"{side}", "--batch", $"{batch}", "--epochs", "1",
            "--norm-groups", "1", "--dimension", "16", "--hidden", "32",
            "--queue", "16", "--compute", "float32", "--out", run.NewFolder()));
        if (peak is { } bytes) Assert.InRange(bytes, kept, 4 * kept + (256L << 20));
    }
}
