using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using DataSsl.Tests;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>Stochastic depth: what students leave out as they train, and that nothing else does.</summary>
[Collection(SingleThread.Name)]
public sealed class DropPathTests
{
    private const double Rate = 0.6;

    private static readonly Method method = new(
        new MoCoOptions(16, 24, QueueLength: 32, TeacherMomentum: 0.9), new(OptimizerKind.AdamW, 0.04), ViewPlan.MoCoV2(32),
        DropPath: Rate);

    /// <summary>As Huang et al. 2016 and DINO's code have it: 0 at the first block, the rate at the last, in proportion between.</summary>
    [Theory]
    [InlineData(0, 4, 0)]
    [InlineData(1, 4, 0.2)]
    [InlineData(2, 4, 0.4)]
    [InlineData(3, 4, 0.6)]
    [InlineData(0, 1, 0)]
    public void Deeper_blocks_are_left_out_more_often_and_the_mean_stays(int block, int blocks, double share)
    {
        using var scope = NewDisposeScope();
        const int images = 40_000;
        var dropped = new DropPath(Rate, [CounterRandom.For(1, "drop path")], images, first: 0, images);
        dropped.Enter(block, blocks);
        var left = dropped.Of(ones([images, 3, 2]));
        Assert.Equal(share == 0 ? [1f] : [0f, (float)(1 / (1 - share))], left.unique().output.data<float>().ToArray());
        // An image is left out as a whole.
        Assert.True(left.eq(left.select(1, 0).select(1, 0).view(-1, 1, 1)).all().item<bool>());
        // Five standard deviations of a share of so many draws, and of a mean.
        var deviation = Math.Sqrt(share * (1 - share) / images);
        Assert.Equal(share, left.eq(0).to(ScalarType.Float64).mean().item<double>(), 5 * deviation + 1e-12);
        Assert.Equal(1, left.mean().item<float>(), 5 * deviation / (1 - share) + 1e-6);
    }

    /// <summary>Which images those are is worked out here from the draws: two branches of the last block, one draw an image.</summary>
    [Fact]
    public void An_image_that_both_branches_are_left_out_for_passes_the_last_block_by()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        const int images = 32;
        using var store = new ParameterStore();
        var net = TinyVit.Space.CreateSupernet(store);
        store.Allocate(CPU, ScalarType.Float32, trainable: false);
        store.Initialize(4);
        using var random = new TorchSharp.torch.Generator(8);
        foreach (var slot in store.Slots) slot.Full().add_(randn(slot.Shape, generator: random).mul_(0.1));
        // Of two blocks, of which the first is never left out.
        var architecture = new Architecture(TinyVit.Space, 64, 1, 2, 1, 1, 2, 1);
        var input = randn([images, 3, 32, 32], generator: random);
        var whole = net.LastMap(input, architecture);
        var first = net.Segment(1, net.Stem(input, architecture), architecture);
        var passed = net.Segment(TinyVit.Space.Segments.Count - 1, first, architecture);

        net.Dropped = new(Rate, [CounterRandom.For(9, "drop path")], images, first: 0, images);
        var actual = net.LastMap(input, architecture);
        var draws = CounterRandom.For(9, "drop path");
        var attention = Enumerable.Range(0, images).Select(_ => draws.NextDouble() < Rate).ToList();
        var perceptron = Enumerable.Range(0, images).Select(_ => draws.NextDouble() < Rate).ToList();
        Assert.InRange(attention.Zip(perceptron).Count(left => left.First && left.Second), 1, images - 1);
        for (var i = 0; i < images; i++)
        {
            var isPassed = actual[i].allclose(passed[i], rtol: 1e-5, atol: 1e-6);
            Assert.Equal(attention[i] && perceptron[i], isPassed);
            // What stays counts for more, so no image comes out as without dropping.
            Assert.False(actual[i].allclose(whole[i], rtol: 1e-4, atol: 1e-5));
        }
    }

    [Fact]
    public void The_batch_may_be_cut_into_groups_and_leaves_out_the_same()
    {
        using var scope = NewDisposeScope();
        const int batch = 12, images = 4;
        CounterRandom[] Streams() => [CounterRandom.For(3, "drop path", 7, 0, 0), CounterRandom.For(3, "drop path", 7, 0, 1)];
        var whole = Of(new(Rate, Streams(), batch, 0, batch), batch);
        var parts = Enumerable.Range(0, batch / images).Select(part => Of(new(Rate, Streams(), batch, part * images, images), images));
        Close.SameBits(whole, cat([.. parts], 1), "what is left");

        // [views, images] after two branches.
        Tensor Of(DropPath dropped, int count)
        {
            dropped.Enter(3, 4);
            dropped.Of(ones([2 * count, 1, 1]));
            return dropped.Of(ones([2 * count, 1, 1])).view(2, count);
        }
    }

    /// <summary>A step with and without: the losses differ, and what the teacher says does not.</summary>
    [Fact]
    public void Only_students_leave_anything_out()
    {
        using var scope = NewDisposeScope();
        var (dropping, whole) = (Step(method), Step(method with { DropPath = 0 }));
        Close.SameBits(whole.Keys, dropping.Keys, "keys");
        Assert.All(Enumerable.Range(0, 3), student =>
            Assert.True(Math.Abs(whole.Losses[student].item<float>() - dropping.Losses[student].item<float>()) > 1e-3));
        // The same step again, in groups, comes to the same.
        Close.To(dropping.Losses, Step(method with { NormGroups = 2 }).Losses, 1e-5, "losses in groups");

        (Tensor Losses, Tensor Keys) Step(Method how)
        {
            using var model = new Pretraining(TinyVit.Space, how, CPU, ScalarType.Float32, seed: 3);
            var (queries, keys) = TinyModel.Views(0);
            var omega = how.Students(TinyVit.Space, 5, TinyModel.At(1));
            using var views = ViewBatch.Of(how.Views, [queries, keys]);
            var losses = model.Step(views, omega, TinyModel.At(1), 0.001);
            Assert.Null(model.Networks.Student.Dropped);
            return (losses, model.Queues[0].Queue.Keys.clone());
        }
    }

    /// <summary>Each process has its images' draws of the whole batch's, and both draw the same subnets by what sizes lack.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Two_processes_leave_out_what_one_does(int groups)
    {
        using var scope = NewDisposeScope();
        var how = method with { NormGroups = groups, Draws = SubnetDraws.Lacking };
        var alone = Losses(null);
        var together = Processes.Run(2, Losses);
        foreach (var losses in together) Close.To(alone, losses, 1e-5, "losses");
        Close.SameBits(together[0], together[1], "losses of the other process");
        foreach (var losses in together) losses.Dispose();

        Tensor Losses(ProcessGroup? processes)
        {
            using var inner = NewDisposeScope();
            using var model = new Pretraining(TinyVit.Space, how, CPU, ScalarType.Float32, seed: 3, processes);
            int[] places = [.. Enumerable.Range(0, 16)];
            var all = new List<Tensor>();
            for (var step = 0; step < 4; step++)
            {
                using var random = new TorchSharp.torch.Generator((ulong)step);
                var whole = randn([2, 16, 3, 32, 32], generator: random);
                using var views = ViewBatch.Of(
                    how.Views, [Some(whole[0], model.Deal.Queries(places)), Some(whole[1], model.Deal.Keys(places))]);
                all.Add(model.Step(views, model.Students(TinyModel.At(step)), TinyModel.At(step), 0.001));
            }
            return stack(all).MoveToOuterDisposeScope().DetachFromDisposeScope();
        }

        static Tensor Some(Tensor whole, int[] some) =>
            MemoryFormat.ChannelsLast(whole.index_select(0, tensor(some.Select(place => (long)place).ToArray()))).DetachFromDisposeScope();
    }

    [Fact]
    public void A_run_stopped_and_continued_comes_to_the_same_bits()
    {
        using var scope = NewDisposeScope();
        using var run = new TinyRun();
        var options = run.Options(epochs: 3) with
        {
            Space = TinyVit.Space.Name,
            SpaceHash = TinyVit.Space.Hash,
            Method = method,
            Rate = 0.001,
        };
        using (var whole = run.Trainer(options, "whole", space: TinyVit.Space)) run.Train(whole);
        foreach (var stop in new[] { 4, long.MaxValue })
        {
            using var part = run.Trainer(options, "parts", space: TinyVit.Space);
            run.Train(part, until: stop);
        }
        using (var other = run.Trainer(options with { Method = method with { DropPath = 0 } }, "other", space: TinyVit.Space))
            run.Train(other);
        var (expected, actual, without) = (Weights("whole"), Weights("parts"), Weights("other"));
        Assert.Equal(expected.Keys, actual.Keys);
        foreach (var (key, tensor) in expected) Close.SameBits(tensor, actual[key], key);
        const string last = "student.blocks.3.mlp.fc2.weight";
        Assert.False(expected[last].allclose(without[last], rtol: 1e-3, atol: 1e-4));

        Dictionary<string, Tensor> Weights(string of)
        {
            var (tensors, _) = SafeTensors.Read(Path.Combine(run.Folder(of), CheckpointFolder.NewestFile));
            foreach (var tensor in tensors.Values) scope.Attach(tensor);
            return tensors;
        }
    }

    [Fact]
    public void Convolutional_networks_are_refused()
    {
        var fault = Assert.Throws<UserException>(() => TinyModel.Create(method)).Message;
        Assert.Equal("--drop-path 0.6: goes with transformers, and Tiny is a resnet-bottleneck", fault);
    }
}
