using DataSsl.Runtime;
using DataSsl.Search.Results;
using DataSsl.Search.Tests.Report;

namespace DataSsl.Search.Tests.Results;

public sealed class VerdictReportJsonTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("datassl-").FullName;

    private string Path => System.IO.Path.Combine(folder, VerdictReportJson.FileName);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_is_read_is_what_was_written()
    {
        var verdict = SyntheticVerdict.Of();
        Assert.Equal(
            "The winner is better than imagenet-resnet18 by 2.1 to 4.0 points at 0.6 of its latency; no gain over ResNet50, trained by us, "
                + "can be shown.",
            verdict.Sentence);
        VerdictReportJson.Write(verdict, Path);
        var first = File.ReadAllText(Path);
        var read = VerdictReportJson.Read(Path);
        VerdictReportJson.Write(read, Path);
        Assert.Equal(first, File.ReadAllText(Path));
        Assert.Equal((verdict.Decision, verdict.Sentence), (read.Decision, read.Sentence));
    }

    /// <summary>A verdict that says another thing than it found is none, nor is one whose numbers are none.</summary>
    [Fact]
    public void What_does_not_hold_together_is_refused()
    {
        var whole = SyntheticVerdict.Of();
        Refused(whole with { Sentence = "Take it." }, "does not say what it found");
        Refused(whole with { By = "knn" }, "decided by 'knn', which is no column");
        Refused(whole with { Rows = [.. whole.Rows.Reverse()] }, "the winner last");
        Refused(whole with { Columns = [.. whole.Columns.Take(1)] }, "not those of its columns");
        Refused(whole with { Seeds = 0 }, "a number of it is none");
        Refused(whole with { Rows = [.. whole.Rows.Select(r => r with { Latency = 0 })] }, "costs nothing");
        Refused(
            whole with { Rows = [.. whole.Rows.Select(r => r with { Figures = [.. r.Figures.Select(f => f with { Accuracy = 1.2 })] })] },
            "an accuracy of it is none");
        VerdictReportJson.Write(whole, Path);
        File.WriteAllText(Path, File.ReadAllText(Path).Replace("\"testImages\": 400", "\"testImages\": 4000", StringComparison.Ordinal));
        Assert.Contains("does not have the seal of a verdict", Assert.Throws<UserException>(() => VerdictReportJson.Read(Path)).Message);

        void Refused(VerdictReport verdict, string why)
        {
            VerdictReportJson.Write(verdict, Path);
            Assert.Contains(why, Assert.Throws<UserException>(() => VerdictReportJson.Read(Path)).Message);
        }
    }
}
