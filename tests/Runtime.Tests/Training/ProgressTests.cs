using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>What a run tells while it goes on.</summary>
[Collection(SingleThread.Name)]
public sealed class ProgressTests
{
    [Fact]
    public void Losses_are_told_by_the_size_of_the_subnet()
    {
        using var run = new TinyRun();
        var options = run.Options(epochs: 2);
        using var trainer = run.Trainer(options, "run");
        run.Train(trainer);
        var groups = new SizeGroups(Tiny.Space, 32);
        foreach (var p in run.Observer.Progress)
        {
            // One step a report: the drawn subnets are known, and so is which groups can have a loss.
            var drawn = Sandwich.Draw(Tiny.Space, options.Method.Rule, (ulong)options.Seed, p.Step - 1).Skip(1)
                .Select((a, i) => (Group: groups.Of(a), Loss: p.Losses[i + 1])).ToList();
            for (var group = 0; group < SizeGroups.Names.Count; group++)
            {
                var expected = drawn.Where(d => d.Group == group).Select(d => d.Loss).ToList();
                Assert.Equal(expected.Count > 0, p.GroupLosses[group] is not null);
                if (expected.Count > 0) Assert.Equal(expected.Average(), p.GroupLosses[group]!.Value, 1e-5);
            }
            Assert.InRange(p.DataShare, 0, 1);
            Assert.True(p.ResidentBytes > 1 << 20);
        }
    }

    /// <summary>Steps of Max alone say little of the time that those of all students take: the time left is counted in MACs.</summary>
    [Fact]
    public void The_time_left_knows_that_subnets_join()
    {
        using var run = new TinyRun();
        var options = run.Options(epochs: 2);
        options = options with { Method = options.Method with { MaxFirst = 0.5 } };
        using var trainer = run.Trainer(options, "run");
        run.Train(trainer);
        var method = options.Method;
        var (half, max) = (trainer.Steps / 2, Macs(1));
        Assert.Equal(half, method.StepsOfMaxAlone(trainer.Steps));
        Assert.Equal(4 * Tiny.Space.Macs(Tiny.Space.Max, options.Size), max);
        foreach (var p in run.Observer.Progress)
        {
            // Both come from the same window, so that its seconds cancel out.
            var steps = p.Remaining.TotalSeconds * p.ImagesPerSecond / options.Batch;
            Assert.Equal(p.Step >= half ? p.Steps - p.Step : half - p.Step + (p.Steps - half) * Macs(0) / max, steps, 1e-3 * p.Steps);
        }
        Assert.Contains(run.Observer.Notices, notice => notice.StartsWith($"step {half}: ", StringComparison.Ordinal));

        double Macs(double maxFirst) => (method with { MaxFirst = maxFirst }).MacsPerImage(Tiny.Space, (ulong)options.Seed);
    }

    [Fact]
    public void Losses_are_means_over_the_steps_that_had_the_student()
    {
        var (max, min) = (Tiny.Space.Max, Tiny.Space.Min);
        using var window = new ProgressWindow(new SizeGroups(Tiny.Space, 32), max);
        window.Add(tensor(new[] { 6f }), [max]);
        Assert.Equal([6.0], window.Means());
        window.Add(tensor(new[] { 4f, 3f, 1f }), [max, min, min]);
        window.Add(tensor(new[] { 2f, 1f, 5f }), [max, min, min]);
        Assert.Equal([4.0, 2.0, 3.0], window.Means());
        Assert.Equal([2.5, null, null], window.GroupMeans());
        Assert.Equal(4.0, window.LargestMean());
        window.Reset();
        window.Add(tensor(new[] { 8f, 7f, 6f }), [max, min, min]);
        window.Add(tensor(new[] { 2f }), [max]);
        Assert.Equal([5.0, 7.0, 6.0], window.Means());
        window.Reset();
        window.Add(tensor(new[] { 8f }), [min]);
        Assert.Null(window.LargestMean());
        window.Add(tensor(new[] { 2f }), [max]);
        window.Add(tensor(new[] { 5f }), [min]);
        Assert.Equal([5.0], window.Means());
        Assert.Equal(2.0, window.LargestMean());
        Assert.Equal([6.5, null, null], window.GroupMeans());
    }

    [Fact]
    public void Size_groups_are_thirds_in_the_order_of_cost()
    {
        var groups = new SizeGroups(Tiny.Space, 32);
        var all = Tiny.Space.All().Select(a => (Macs: Tiny.Space.Macs(a, 32), Group: groups.Of(a))).OrderBy(x => x.Macs).ToList();
        Assert.Equal(all.Select(x => x.Group).Order(), all.Select(x => x.Group));
        for (var group = 0; group < 3; group++) Assert.InRange(all.Count(x => x.Group == group), all.Count / 5, all.Count / 2);
        Assert.Equal(1, groups.Of(groups.Middle()));
    }

    [Fact]
    public void Spread_is_one_for_random_keys_and_zero_for_equal_ones_and_looks_at_the_newest_only()
    {
        using var scope = NewDisposeScope();
        using var watch = new CollapseWatch(64, CPU);
        using var generator = new Generator(1);
        var random = nn.functional.normalize(randn([300, 64], generator: generator), dim: 1);
        watch.Add(random.narrow(0, 0, 200), null);
        Assert.Null(watch.Spread);
        watch.Add(random, null);
        Assert.Equal(1, watch.Spread!.Value, 0.02);
        watch.Add(zeros(128, 64).add_(0.125), null);
        // Half equal, half random.
        Assert.InRange(watch.Spread!.Value, 0.6, 0.95);
        watch.Add(zeros(128, 64).add_(0.125), null);
        Assert.Equal(0, watch.Spread!.Value, 1e-3);
        Assert.Null(watch.Information);
    }

    [Fact]
    public void A_collapsed_run_is_told_once()
    {
        using var run = new TinyRun();
        var options = run.Options(epochs: 30) with { Rate = 1e-9 };
        using var trainer = run.Trainer(options, "run");
        // A neck that gives every image the same key.
        using (no_grad())
        {
            foreach (var slot in trainer.Model.Networks.StudentWeights.Slots.Concat(trainer.Model.Networks.TeacherWeights.Slots))
            {
                if (slot.Key == "neck.mlp.2.weight") slot.Full().zero_();
                if (slot.Key == "neck.mlp.2.bias") slot.Full().fill_(1);
            }
        }
        run.Train(trainer, until: 70);
        var notice = Assert.Single(run.Observer.Notices);
        Assert.Contains("collapsed", notice);
        Assert.Contains("--rate", notice);
        Assert.True(run.Observer.Progress[^1].Spread < 0.02);
    }
}
