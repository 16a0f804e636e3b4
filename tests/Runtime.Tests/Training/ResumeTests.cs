using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>A run that was stopped and continued against one that was not.</summary>
[Collection(SingleThread.Name)]
public sealed class ResumeTests
{
    [Fact]
    public void A_run_stopped_anywhere_continues_to_the_same_bits()
    {
        using var scope = NewDisposeScope();
        using var run = new TinyRun();
        var options = run.Options(epochs: 3);
        using (var whole = run.Trainer(options, "whole"))
        {
            Assert.Equal(3 * TinyRun.StepsPerEpoch, whole.Steps);
            run.Train(whole);
        }
        var expected = Checkpoint("whole");

        // Inside an epoch, at its end, twice in a row, one step before the end.
        foreach (var stops in new[] { new[] { 1L }, [3], [2, 4, 7], [8] })
        {
            var name = string.Join("-", stops);
            foreach (var stop in stops.Append(long.MaxValue))
            {
                using var part = run.Trainer(options, name);
                run.Train(part, until: stop);
            }
            var actual = Checkpoint(name);
            Assert.Equal(expected.Keys, actual.Keys);
            foreach (var (key, tensor) in expected) Close.SameBits(tensor, actual[key], $"{key} after stops at {name}");
        }

        Dictionary<string, Tensor> Checkpoint(string name)
        {
            var (tensors, metadata) = SafeTensors.Read(Path.Combine(run.Folder(name), CheckpointFolder.NewestFile));
            foreach (var tensor in tensors.Values) scope.Attach(tensor);
            Assert.Equal("9", metadata["step"]);
            return tensors;
        }
    }

    [Fact]
    public void A_finished_run_continues_to_nothing()
    {
        using var run = new TinyRun();
        var options = run.Options(epochs: 1);
        using (var first = run.Trainer(options, "done")) run.Train(first);
        using var again = run.Trainer(options, "done");
        Assert.Equal(again.Steps, again.Step);
        run.Train(again);
    }

    [Fact]
    public void A_checkpoint_of_other_settings_is_refused_and_one_of_moved_images_is_not()
    {
        using var run = new TinyRun();
        var options = run.Options(epochs: 2);
        using (var first = run.Trainer(options, "run")) run.Train(first, until: 2);
        Assert.Contains("other settings", Assert.Throws<UserException>(() => run.Trainer(options with { Rate = 0.1 }, "run")).Message);
        Assert.Contains(
            "other settings",
            Assert.Throws<UserException>(
                () =>
                    run.Trainer(
                        options with { Method = options.Method with { Objective = TinyModel.Objective with { Temperature = 0.1 } } },
                        "run")).Message);
        using var moved = run.Trainer(options with { Data = "elsewhere" }, "run");
        Assert.Equal(2, moved.Step);
    }

    [Fact]
    public void A_diverged_run_keeps_the_checkpoint_from_before()
    {
        using var run = new TinyRun();
        var options = run.Options(epochs: 4);
        using var trainer = run.Trainer(options, "run");
        run.Train(trainer, until: 3);
        var before = File.ReadAllBytes(trainer.CheckpointPath);
        using (no_grad()) trainer.Model.Networks.StudentWeights.Values.narrow(0, 0, 1).fill_(double.NaN);

        Assert.Contains("lower --rate", Assert.Throws<DivergedException>(trainer.Save).Message);
        Assert.Contains("lower --rate", Assert.Throws<DivergedException>(() => run.Train(trainer)).Message);
        Assert.Equal(before, File.ReadAllBytes(trainer.CheckpointPath));
    }
}
