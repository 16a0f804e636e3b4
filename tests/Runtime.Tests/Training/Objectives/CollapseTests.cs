using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Objectives;

/// <summary>The known way in which DINO fails, and what is told of it.</summary>
[Collection(SingleThread.Name)]
public sealed class CollapseTests
{
    [Theory]
    [InlineData(1.0, true)]
    [InlineData(0.9, false)]
    public void Dino_collapses_without_centring_and_it_is_told(double centreMomentum, bool collapses)
    {
        using var run = new TinyRun();
        var method = TinyObjectives.Fixed(DinoOptions.Id);
        var objective = new DinoOptions(16, 24, 12, CentreMomentum: centreMomentum, FreezeEpochs: 0, TeacherMomentum: 0.9);
        var options = run.Options(epochs: 40) with { Method = method with { Objective = objective }, Rate = 0.03, Batch = TinyRun.Images };
        using var trainer = run.Trainer(options, "run");
        run.Train(trainer);
        Assert.Equal(collapses, run.Observer.Notices.Any(notice => notice.Contains("collapsed", StringComparison.Ordinal)));
    }
}
