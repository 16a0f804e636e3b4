using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Tests;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>Several processes with parts of a batch against one with the whole.</summary>
/// <remarks>One step differs by 2e-8; twenty amplify that to as much as one thread differs from two.</remarks>
[Collection(SingleThread.Name)]
public sealed class ProcessTests
{
    private const int Steps = 20;

    [Theory]
    [InlineData(2, 1, SandwichRule.Algorithm1)] // BatchNorm synchronised
    [InlineData(2, 2, SandwichRule.Algorithm1)] // a group each
    [InlineData(4, 4, SandwichRule.Algorithm1)]
    [InlineData(2, 4, SandwichRule.Algorithm1)] // two groups each
    [InlineData(2, 4, SandwichRule.Released)]
    public void Twenty_steps_are_those_of_one_process(int processes, int groups, SandwichRule rule)
    {
        using var scope = NewDisposeScope();
        var options = TinyModel.Method with { NormGroups = groups, Rule = rule };
        using var alone = Train(options, null);
        var together = Processes.Run(processes, group => Train(options, group));
        foreach (var state in together)
        {
            Close.To(alone.Losses, state.Losses, 1e-5, "losses");
            Close.To(alone.Student, state.Student, 1e-5, "student");
            Close.To(alone.Teacher, state.Teacher, 1e-5, "teacher");
            Close.To(alone.Queue, state.Queue, 1e-5, "queue");
            Close.SameBits(together[0].Student, state.Student, "student of another process");
            Close.SameBits(together[0].Queue, state.Queue, "queue of another process");
        }
        foreach (var state in together) state.Dispose();
    }

    [Fact]
    public void Gradients_in_bfloat16_are_the_same_in_every_process()
    {
        var states = Processes.Run(2, group => Train(TinyModel.Method with { NormGroups = 2 }, group, ScalarType.BFloat16, steps: 3));
        Close.SameBits(states[0].Student, states[1].Student, "student");
        foreach (var state in states) state.Dispose();
    }

    [Fact]
    public void A_batch_is_dealt_so_that_no_query_shares_its_statistics_with_its_key()
    {
        int[] batch = [.. Enumerable.Range(100, 16)];
        var deals = Processes.Run(2, group =>
        {
            var deal = new BatchDeal(4, group);
            return (Queries: deal.Queries(batch), Keys: deal.Keys(batch));
        });
        Assert.Equal(batch, deals.SelectMany(d => d.Queries));
        Assert.Equal(batch, deals.SelectMany(d => d.Keys).Order());
        Assert.Equal([100, 101, 104, 105, 108, 109, 112, 113], deals[0].Keys);
        Assert.Contains(
            "norm-groups 3", Assert.Throws<InvalidOperationException>(() => Processes.Run(2, group => new BatchDeal(3, group))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_of_two_continues_what_one_began_and_only_the_first_writes()
    {
        using var run = new TinyRun();
        var options = run.Options(epochs: 4);
        using (var first = run.Trainer(options, "run")) run.Train(first, until: 5);
        var steps = Processes.Run(2, group =>
        {
            var folder = group.Rank == 0 ? run.Folder("run") : run.Folder("other");
            using var trainer = new Trainer(Tiny.Space, options, run.Store, CPU, folder, new TinyRun.Recorder(), processes: group);
            var begun = trainer.Step;
            trainer.Run(new(TimeSpan.Zero, TimeSpan.Zero));
            return (begun, trainer.Step);
        });
        Assert.All(steps, s => Assert.Equal((5, 4 * TinyRun.StepsPerEpoch), s));
        Assert.Empty(Directory.GetFiles(run.Folder("other")));

        using (var whole = run.Trainer(options, "whole")) run.Train(whole);
        using var scope = NewDisposeScope();
        using var mine = Checkpoint.LoadNetworks(Path.Combine(run.Folder("run"), CheckpointFolder.NewestFile), Tiny.Space, CPU);
        using var theirs = Checkpoint.LoadNetworks(Path.Combine(run.Folder("whole"), CheckpointFolder.NewestFile), Tiny.Space, CPU);
        Close.To(theirs.StudentWeights.Values, mine.StudentWeights.Values, 1e-4, "student");
    }

    [Fact]
    public void One_that_is_asked_to_stop_stops_all_after_the_same_step()
    {
        using var run = new TinyRun();
        var steps = Processes.Run(2, group =>
        {
            using var stop = new CancellationTokenSource();
            var observer = new TinyRun.Recorder();
            using var trainer = new Trainer(
                Tiny.Space, run.Options(epochs: 1000), run.Store, CPU, run.Folder($"{group.Rank}"), observer, processes: group);
            if (group.Rank == 1) stop.CancelAfter(200);
            trainer.Run(new(TimeSpan.Zero, TimeSpan.FromHours(1)), stop.Token);
            return trainer.Step;
        });
        Assert.Equal(steps[0], steps[1]);
        Assert.Equal(steps[0], Checkpoint.Describe(Path.Combine(run.Folder("0"), CheckpointFolder.NewestFile)).Step);
    }

    [Fact]
    public void Processes_with_other_settings_are_refused()
    {
        using var run = new TinyRun();
        var error = Assert.Throws<InvalidOperationException>(() => Processes.Run(2, group =>
        {
            using var trainer = new Trainer(
                Tiny.Space, run.Options(epochs: 1) with { Rate = group.Rank == 1 ? 0.1 : 0.05 }, run.Store, CPU, run.Folder("run"),
                    new TinyRun.Recorder(), processes: group);
            return 0;
        }));
        Assert.Contains("process 1 was given other settings", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(run.Folder("run")));
    }

    private static State Train(Method options, ProcessGroup? processes, ScalarType type = ScalarType.Float32, int steps = Steps)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(options, type, processes);
        var losses = new List<Tensor>();
        for (var step = 0; step < steps; step++)
        {
            var (queries, keys) = TinyModel.Views(step);
            var places = Enumerable.Range(0, TinyModel.Batch).ToArray();
            var batch = TinyModel.Batched(Those(queries, model.Deal.Queries(places)), Those(keys, model.Deal.Keys(places)));
            losses.Add(model.Step(batch, TinyModel.Architectures(options, step), TinyModel.At(step), rate: 0.005));
        }
        return new(
            Kept(stack(losses)), Kept(model.Networks.StudentWeights.Values), Kept(model.Networks.TeacherWeights.Values),
            Kept(model.Queues[0].Queue.Keys));

        static Tensor Those(Tensor views, int[] places) =>
            MemoryFormat.ChannelsLast(views.index_select(0, tensor(places.Select(p => (long)p).ToArray())));

        static Tensor Kept(Tensor tensor) => tensor.clone().DetachFromDisposeScope();
    }

    private sealed record State(Tensor Losses, Tensor Student, Tensor Teacher, Tensor Queue) : IDisposable
    {
        public void Dispose()
        {
            Losses.Dispose();
            Student.Dispose();
            Teacher.Dispose();
            Queue.Dispose();
        }
    }
}
