namespace DataSsl.Cli.Tests.Demo;

/// <summary>What the demo cannot do, told before it paints; what it does is tested from end to end.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class DemoVerbTests(TrainedRun run)
{
    [Theory]
    [InlineData("--domain sea: give aerial or cells", "--domain", "sea")]
    [
        InlineData(
            "--images 95: give a whole number from 96 to 1000000; a quarter is kept to test on, and the demo trains in batches of 64 of "
                + "the others",
            "--images", "95"),
    ]
    public void A_mistake_is_told_in_one_line_and_leaves_no_folder(string message, params string[] mistaken)
    {
        var folder = run.NewFolder();
        Assert.StartsWith(message, Command.Refuse(["demo", "--out", folder, .. mistaken]), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }
}
