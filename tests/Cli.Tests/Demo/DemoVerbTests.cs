namespace DataSsl.Cli.Tests.Demo;

/// <summary>What the demo cannot do, told before it paints; what it does is tested from end to end.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class DemoVerbTests(TrainedRun run)
{
    [Theory]
    [InlineData("--domain sea: give aerial or cells", "--domain", "sea")]
    [
        InlineData(
            "--images 119: give a whole number from 120 to 1000000; a quarter is kept to test on, and the labels of a tenth of the others "
                + "must be more than the eight classes",
            "--images", "119"),
    ]
    public void A_mistake_is_told_in_one_line_and_leaves_no_folder(string message, params string[] mistaken)
    {
        var folder = run.NewFolder();
        Assert.StartsWith(message, Command.Refuse(["demo", "--out", folder, .. mistaken]), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }
}
