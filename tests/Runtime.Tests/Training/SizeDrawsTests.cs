using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using DataSsl.Tests;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>Subnets are drawn from the sizes that stay behind, by a rule that a resumed run follows to the bit.</summary>
[Collection(SingleThread.Name)]
public sealed class SizeDrawsTests
{
    private static readonly SizeGroups groups = new(Tiny.Space, 32);

    /// <summary>Half alike, half by how far each is above Max; one that is not above it keeps the half alone.</summary>
    [Theory]
    [InlineData(new[] { 1.6f, 1.3f, 1.1f }, new[] { 1 / 6.0 + 0.3, 1 / 6.0 + 0.15, 1 / 6.0 + 0.05 })]
    [InlineData(new[] { 2f, 1f, 0.9f }, new[] { 1 / 6.0 + 0.5, 1 / 6.0, 1 / 6.0 })]
    [InlineData(new[] { 0.9f, 1f, 0.5f }, new[] { 1 / 3.0, 1 / 3.0, 1 / 3.0 })]
    public void A_size_has_draws_in_proportion_to_what_it_lacks(float[] losses, double[] shares)
    {
        using var draws = Known(losses);
        Assert.Equal(1, draws.Shares().Sum(), 1e-12);
        Assert.All(shares.Zip(draws.Shares()), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void Until_every_size_has_a_loss_all_are_drawn_alike()
    {
        using var draws = new SizeDraws(Tiny.Space, groups);
        Assert.Equal([1 / 3.0, 1 / 3.0, 1 / 3.0], draws.Shares());
        Learn(draws, [OfGroup(0), OfGroup(1)], 1, 3, 2);
        Assert.Equal([1 / 3.0, 1 / 3.0, 1 / 3.0], draws.Shares());
        Learn(draws, [OfGroup(2), OfGroup(2)], 1, 1, 1);
        Assert.Equal(1 / 6.0 + 0.5 * 2 / 3, draws.Shares()[0], 1e-6);
    }

    /// <summary>The plain mean of the first fifty losses, and from there on a moving one; worked out here in 64 bits.</summary>
    [Fact]
    public void Means_are_of_the_newest_losses()
    {
        using var draws = new SizeDraws(Tiny.Space, groups);
        var (random, small, max) = (CounterRandom.For(1, "losses"), 0.0, 0.0);
        for (var step = 0; step < 120; step++)
        {
            var (ofMax, ofSmall) = ((float)random.Between(1, 2), (float)random.Between(2, 4));
            Learn(draws, [OfGroup(0)], ofMax, ofSmall);
            var share = step < 50 ? 1.0 / (step + 1) : 0.02;
            (max, small) = (max + share * (ofMax - max), small + share * (ofSmall - small));
        }
        var known = draws.State.data<float>().ToArray();
        Assert.Equal(max, known[0], 1e-4);
        Assert.Equal(small, known[1], 1e-4);
        Assert.Equal([120f, 120, 0, 0], known[4..]);
        Learn(draws, [], 9);
        Assert.Equal([121f, 120, 0, 0], draws.State.data<float>().ToArray()[4..]);
    }

    [Fact]
    public void Draws_come_as_often_as_their_shares_say()
    {
        using var draws = Known([1.6f, 1.3f, 1.1f]);
        const int count = 6000;
        var drawn = Enumerable.Range(0, count).Select(i =>
        {
            var random = CounterRandom.For(5, "architectures", i);
            return draws.Draw(ref random);
        }).ToList();
        foreach (var (group, share) in draws.Shares().Index())
        {
            var members = drawn.Where(a => groups.Of(a) == group).ToList();
            // Five standard deviations.
            Assert.Equal(share, members.Count / (double)count, 5 * Math.Sqrt(share * (1 - share) / count));
            // All of the group, not a few.
            var all = Enumerable.Range(0, (int)Tiny.Space.Count).Select(i => Tiny.Space.FromIndex(i)).Count(a => groups.Of(a) == group);
            Assert.Equal(all, members.Select(a => a.ToString()).Distinct().Count());
        }
        var again = CounterRandom.For(5, "architectures", 17);
        Assert.Equal(drawn[17], draws.Draw(ref again));
    }

    [Theory]
    [InlineData(SandwichRule.Algorithm1)]
    [InlineData(SandwichRule.Released)]
    public void Only_the_random_subnets_of_a_step_are_drawn_so(SandwichRule rule)
    {
        using var draws = Known([90f, 1.1f, 1.1f]);
        var small = 0;
        for (var step = 0; step < 200; step++)
        {
            var omega = Sandwich.Draw(Tiny.Space, rule, 7, step, draws.Draw);
            Assert.Equal(Tiny.Space.Max, omega[0]);
            if (rule == SandwichRule.Released) Assert.Equal(Tiny.Space.Min, omega[1]);
            if (groups.Of(omega[2]) == 0) small++;
        }
        // Two thirds, within five standard deviations.
        Assert.InRange(small, 100, 166);
    }

    /// <summary>A step's one student may be Max or another, and counts for what it is; Max alone tells nothing of the others.</summary>
    [Theory]
    [InlineData(SandwichRule.Single, 0, 5, 13)]
    [InlineData(SandwichRule.Single, 0.5, 2, 7)]
    [InlineData(SandwichRule.Algorithm1, 0.5, 9, 18)]
    public void Losses_count_for_the_student_that_had_them(SandwichRule rule, double maxFirst, int ofMax, int ofOthers)
    {
        using var run = new TinyRun();
        var options = run.Options(epochs: 6) with
        {
            Method = TinyModel.Method with { Draws = SubnetDraws.Lacking, Rule = rule, MaxFirst = maxFirst },
        };
        using var trainer = run.Trainer(options, "single");
        Assert.Equal(18, trainer.Steps);
        run.Train(trainer);
        var (tensors, _) = SafeTensors.Read(Path.Combine(run.Folder("single"), CheckpointFolder.NewestFile));
        var counts = tensors["draws"].data<float>().ToArray()[4..];
        foreach (var tensor in tensors.Values) tensor.Dispose();
        Assert.Equal((ofMax, ofOthers), ((int)counts[0], (int)counts[1..].Sum()));
        if (rule != SandwichRule.Single) return;
        Assert.All(run.Observer.Progress, p => Assert.Equal(p.MaxLoss is null, p.GroupLosses.Any(loss => loss is not null)));
    }

    /// <summary>The losses of earlier steps decide: they are kept, and a run without them draws other subnets.</summary>
    [Fact]
    public void A_run_stopped_and_continued_comes_to_the_same_bits()
    {
        using var scope = NewDisposeScope();
        using var run = new TinyRun();
        var options = run.Options(epochs: 6) with { Method = TinyModel.Method with { Draws = SubnetDraws.Lacking } };
        using (var whole = run.Trainer(options, "whole")) run.Train(whole);
        foreach (var stop in new[] { 5, 11, long.MaxValue })
        {
            using var part = run.Trainer(options, "parts");
            run.Train(part, until: stop);
        }
        using (var other = run.Trainer(run.Options(epochs: 6), "uniform")) run.Train(other);
        var (expected, actual, uniform) = (Checkpoint("whole"), Checkpoint("parts"), Checkpoint("uniform"));
        Assert.Equal(expected.Keys, actual.Keys);
        foreach (var (key, tensor) in expected) Close.SameBits(tensor, actual[key], key);
        var kept = expected["draws"].data<float>().ToArray();
        Assert.Equal((18f, 36f), (kept[4], kept[5..].Sum()));
        Assert.DoesNotContain("draws", uniform.Keys);
        Assert.False(expected["student.conv1.weight"].allclose(uniform["student.conv1.weight"], rtol: 1e-4, atol: 1e-6));

        Dictionary<string, Tensor> Checkpoint(string of)
        {
            var (tensors, _) = SafeTensors.Read(Path.Combine(run.Folder(of), CheckpointFolder.NewestFile));
            foreach (var tensor in tensors.Values) scope.Attach(tensor);
            return tensors;
        }
    }

    [Fact]
    public void Learning_and_drawing_hold_no_tensors()
    {
        Forgotten.Free();
        using var draws = Known([1.6f, 1.3f, 1.1f]);
        var before = LiveTensors.Count;
        for (var i = 0; i < 50; i++)
        {
            var random = CounterRandom.For(5, "architectures", i);
            Learn(draws, [draws.Draw(ref random)], 1, 2);
        }
        Assert.Equal(before, LiveTensors.Count);
    }

    [Fact]
    public void One_network_has_nothing_to_draw()
    {
        using var run = new TinyRun();
        var method = TinyModel.Method with { Architecture = Tiny.Space.Min.ToString(), Draws = SubnetDraws.Lacking };
        Assert.Equal(
            "--draws lacking: goes with a supernet",
            Assert.Throws<UserException>(() => (run.Options(1) with { Method = method }).Checked("--")).Message);
    }

    /// <summary>Losses of 1 for Max and these for the groups.</summary>
    private static SizeDraws Known(float[] losses)
    {
        var draws = new SizeDraws(Tiny.Space, groups);
        Learn(draws, [OfGroup(0), OfGroup(1), OfGroup(2)], [1, .. losses]);
        return draws;
    }

    private static void Learn(SizeDraws draws, Architecture[] drawn, params float[] losses)
    {
        using var values = tensor(losses);
        draws.Learn([Tiny.Space.Max, .. drawn], values);
    }

    private static Architecture OfGroup(int group) =>
        Enumerable.Range(0, (int)Tiny.Space.Count).Select(i => Tiny.Space.FromIndex(i)).First(a => groups.Of(a) == group);
}
