using DataSsl.Runtime;
using DataSsl.Runtime.Observing;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Report;

namespace DataSsl.Search.Tests.Report;

public sealed class TrainingCurvesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void WhatARunLogsIsRead()
    {
        using (var log = new MetricsLog(folder.Path, 0))
        {
            log.Write(5, [("epoch", 1), ("loss", 3.5), ("loss/max", null)]);
            log.Write(10, [("epoch", 2), ("loss", 2.5), ("knn/max", 0.75)]);
        }

        var curves = TrainingCurves.Read(folder.Path).Curves;

        Assert.Equal(["loss", "knn/max"], curves.Keys);
        Assert.Equal([(5, 3.5), (10, 2.5)], curves["loss"]);
    }

    [Fact]
    public void HalfALastLineIsLeftOut()
    {
        JsonLines.Append(Log, new() { ["step"] = 1, ["time"] = 10, ["loss"] = 2 });
        JsonLines.Append(Log, new() { ["step"] = 2, ["time"] = 25, ["loss"] = 1 });
        File.AppendAllText(Log, "{\"step\":3,\"ti");

        var read = TrainingCurves.Read(Log);

        Assert.Equal(15, read.Seconds);
        Assert.Equal(2, read.Curves["loss"].Count);
    }

    [Fact]
    public void AForeignFileIsToldInOneLine()
    {
        JsonLines.Append(Log, new() { ["step"] = 1, ["loss"] = 2 });
        File.AppendAllText(Log, "hello\n{\"step\":3,\"loss\":1}\n");

        Assert.StartsWith($"{Log}, line 2: damaged", Assert.Throws<UserException>(() => TrainingCurves.Read(Log)).Message);
        var notices = new List<string>();
        Assert.Equal((1, 2), Assert.Single(TrainingCurves.Read(Log, notices.Add).Curves["loss"]));
        Assert.StartsWith($"{Log}, line 2 and 1 more: damaged", Assert.Single(notices));
        Assert.Contains(
            "there is no such file", Assert.Throws<UserException>(() => TrainingCurves.Read(Path.Combine(folder.Path, "none"))).Message);
    }

    [Fact]
    public void BesideACheckpointWithoutALogThereIsNone() =>
        Assert.Null(TrainingCurves.Beside(Path.Combine(folder.Path, "checkpoint.safetensors")));

    [Fact]
    public void ALongCurveIsThinnedAndKeepsItsEnds()
    {
        File.WriteAllBytes(Log, [.. Enumerable.Range(1, 4321).SelectMany(i => JsonLines.Sealed(new() { ["step"] = i, ["loss"] = i }))]);

        var page = Assert.Single(TrainingCurves.Read(Log).Pages());

        Assert.InRange(page.Steps.Count, 1000, 2000);
        Assert.Equal((1, 4321), (page.Steps[0], page.Steps[^1]));
        Assert.Equal(page.Steps, page.Values);
    }

    private string Log => Path.Combine(folder.Path, MetricsLog.FileName);
}
