using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using DataSsl.Tests;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>Long work holds as many tensors at its end as at its beginning.</summary>
[Collection(SingleThread.Name)]
public sealed class LiveTensorTests
{
    public LiveTensorTests() => Forgotten.Free();

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Two_hundred_steps_hold_no_more_tensors_than_two(ScalarType type)
    {
        var before = LiveTensors.Count;
        using (var model = new Pretraining(Tiny.Space, TinyModel.Method, CPU, type, seed: 1))
        {
            for (var step = 0; step < 2; step++) Step(model, step);
            var early = LiveTensors.Count;
            var steps = type == ScalarType.Float32 ? 200 : 20;
            for (var step = 2; step < steps; step++) Step(model, step);
            Assert.Equal(early, LiveTensors.Count);
        }
        Assert.Equal(before, LiveTensors.Count);
    }

    [Fact]
    public void A_whole_run_with_saving_resuming_and_evaluation_frees_all()
    {
        using var run = new TinyRun();
        var before = LiveTensors.Count;
        for (var round = 0; round < 2; round++)
        {
            using var trainer = run.Trainer(run.Options(epochs: 2), "run");
            run.Train(trainer, until: 3 + 9 * round, saveEvery: 0);
            var net = trainer.Model.Networks.Student;
            var live = LiveTensors.Count;
            for (var i = 0; i < 2; i++)
            {
                using var embeddings = new Embedder(net, Tiny.Space.Max, 32, CPU).Embed(run.Store);
                Assert.Equal(live + 1, LiveTensors.Count);
                KnnClassifier.Accuracy(embeddings, run.Store.Labels!);
                KnnClassifier.Accuracy(embeddings, run.Store.Labels!, embeddings, run.Store.Labels);
            }
            Assert.Equal(live, LiveTensors.Count);
        }
        using (Checkpoint.LoadNetworks(Path.Combine(run.Folder("run"), CheckpointFolder.NewestFile), Tiny.Space, CPU))
            Assert.True(LiveTensors.Count > before);
        Assert.Equal(before, LiveTensors.Count);
    }

    private static void Step(Pretraining model, long step)
    {
        using var scope = NewDisposeScope();
        var (queries, keys) = TinyModel.Views(step % 5);
        model.Step(TinyModel.Batched(queries, keys), TinyModel.Architectures(TinyModel.Method, step), TinyModel.At(0), 0.01);
    }
}
