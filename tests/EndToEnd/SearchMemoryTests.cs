using System.Globalization;
using System.Text.RegularExpressions;

namespace DataSsl.EndToEnd;

/// <summary>The memory that a search says it will take, against what the system saw it take.</summary>
public sealed class SearchMemoryTests
{
    /// <summary>
    /// Some hundred MiB of maps, so that what .NET and libtorch hold beside them matters less, which takes its seconds; bounded, so that
    /// parts of the images are computed at a time.
    /// </summary>
    [SkippableFact]
    public void The_peak_of_a_bounded_search_is_as_planned_within_a_fifth()
    {
        using var few = new TrainFolder();
        using var many = new TrainFolder(images: 1500);
        TrainProcess.Succeed(
            "train", "--space", "Demo", "--data", few.Images, "--out", few["run"], "--size", "32", "--batch", "4", "--epochs", "1",
            "--hidden", "16");
        var said = TrainProcess.Succeed(
            "search", "--checkpoint", few["run"], "--data", many.Images, "--images", "1500", "--size", "64", "--budgets", "all",
            "--candidates", "4", "--memory", "850M", "--threads", "2", "--out", few["search"]);
        var match = Regex.Match(said, @"memory: ([\d,]+) MiB planned, ([\d,]+) MiB at the peak");
        Assert.True(match.Success, said);
        var (planned, peak) = (Number(1), Number(2));
        Assert.True(peak > 400, $"too little to tell: {match.Value}");
        Assert.True(peak <= 1.2 * planned && peak >= 0.8 * planned, match.Value);
        Assert.Contains("images at a time to stay below 850 MiB", said, StringComparison.Ordinal);

        double Number(int group) => double.Parse(match.Groups[group].Value, NumberStyles.Number, CultureInfo.InvariantCulture);
    }
}
