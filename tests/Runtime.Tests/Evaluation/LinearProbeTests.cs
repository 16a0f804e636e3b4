using DataSsl.Runtime.Evaluation;
using DataSsl.Runtime.Tests.Training;
using DataSsl.Tests;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Evaluation;

[Collection(SingleThread.Name)]
public sealed class LinearProbeTests
{
    private const int Classes = 6;
    public LinearProbeTests() => Forgotten.Free();

    /// <summary>
    /// Against PyTorch's own L-BFGS on the problem as it is written down, in 64 bits, on features of very different scales.
    /// </summary>
    [Fact]
    public void Accuracy_is_that_of_a_plain_logistic_regression_in_PyTorch()
    {
        using var scope = NewDisposeScope();
        using var recording = Recording.Of("probe");
        var ((x, y), (t, u)) = (Draw("fit", 900), Draw("test", 2000));
        var expected = recording["accuracies"].data<float>().ToArray();
        Assert.All(expected, a => Assert.InRange(a, 0.5, 0.95));
        foreach (var (l2, accuracy) in recording["penalties"].data<float>().ToArray().Zip(expected))
        {
            using var probe = LinearProbe.Fit(x, y, Classes, l2);
            Assert.Equal(accuracy, TopAccuracy.Of(probe.Scores(t), u).Top1.Value, 0.0011);
        }

        // As probe.py draws them: overlapping classes; features of scales from 0.01 to 100, far from zero.
        static (Tensor Features, int[] Labels) Draw(string name, int count)
        {
            const int channels = Classes + 4;
            var labels = Enumerable.Range(0, count).Select(i => (int)(Seeded.Bits($"{name}/labels", i) % Classes)).ToArray();
            var parts = Enumerable.Range(0, 4).Select(i => Seeded.Values($"{name}/{i}", count * channels)).ToArray();
            var values = new float[count * channels];
            for (var i = 0; i < values.Length; i++)
            {
                var (label, c) = (labels[i / channels], i % channels);
                values[i] = (float)(
                    (parts.Sum(part => (double)part[i]) * Math.Sqrt(0.75) + (c == label ? 2 : 0) + (c == (label + 1) % Classes ? 1 : 0)
                        + 3) * Math.Pow(10, c % 5 - 2));
            }
            return (tensor(values, [count, channels]), labels);
        }
    }

    [Fact]
    public void A_fit_ends_where_the_gradient_vanishes()
    {
        using var scope = NewDisposeScope();
        var (x, y) = Draw(300, seed: 3);
        foreach (var l2 in new[] { 10, 0.1, 1e-3 })
        {
            using var probe = LinearProbe.Fit(x, y, Classes, l2);
            var w = probe.Weights.clone().requires_grad_();
            var d = x.to(ScalarType.Float64);
            d = d.sub(d.mean([0L])).div(d.sub(d.mean([0L])).square().mean([0L]).sqrt());
            var matrix = w.narrow(0, 0, x.shape[1]);
            var loss = nn.functional.cross_entropy(d.mm(matrix).add(w[-1]), Long(y)).add(matrix.square().sum().mul(l2 / 2));
            loss.backward();
            Assert.InRange(w.grad!.abs().max().item<double>(), 0, 1.1e-5);
        }
    }

    [Fact]
    public void The_penalty_is_chosen_on_a_part_held_out()
    {
        using var scope = NewDisposeScope();
        var (x, y) = Draw(300, seed: 5, noise: 20);
        var (probe, heldOut) = LinearProbe.Choose(x, y, Classes, seed: 1)!.Value;
        using (probe)
        {
            Assert.Equal(LinearProbe.Sweep, heldOut.Select(h => h.L2));
            Assert.Equal(heldOut.Min(h => h.Loss), heldOut.First(h => h.L2 == probe.L2).Loss);
            // Warm starts change nothing: each accuracy is that of a fit by itself to the images kept, on those held out.
            var (kept, rest) = LabelShare.HoldOut(y, LinearProbe.HeldOutShare, seed: 1, "linear probe");
            foreach (var (l2, loss, accuracy) in heldOut.Where(h => h.L2 > 1e-4))
            {
                using var fit = LinearProbe.Fit(x.index_select(0, Long(kept)), Array.ConvertAll(kept, i => y[i]), Classes, l2);
                var (scores, labels) = (fit.Scores(x.index_select(0, Long(rest))), Array.ConvertAll(rest, i => y[i]));
                Assert.Equal(TopAccuracy.Of(scores, labels).Top1.Value, accuracy, 1.01 / rest.Length);
                Assert.Equal(nn.functional.cross_entropy(scores, Long(labels)).item<float>(), loss, 0.01 * loss);
            }
            using var again = LinearProbe.Choose(x, y, Classes, seed: 1)!.Value.Probe;
            Assert.Equal(probe.Weights.data<double>().ToArray(), again.Weights.data<double>().ToArray());
            using var alone = LinearProbe.Fit(x, y, Classes, probe.L2);
            Assert.Equal(probe.Weights.data<double>().ToArray(), alone.Weights.data<double>().ToArray());
        }
    }

    [Fact]
    public void One_image_a_class_leaves_nothing_to_choose_by()
    {
        using var x = ones(3, 4);
        Assert.Null(LinearProbe.Choose(x, [0, 1, 2], 3, seed: 1));
    }

    [Fact]
    public void Features_that_do_not_vary_are_harmless()
    {
        using var scope = NewDisposeScope();
        var (x, y) = Draw(200, seed: 6);
        using var probe = LinearProbe.Fit(cat([x, full([200, 3], 2.5f)], dim: 1), y, Classes, 0.01);
        using var without = LinearProbe.Fit(x, y, Classes, 0.01);
        Assert.Equal(TopAccuracy.Of(without.Scores(x), y), TopAccuracy.Of(probe.Scores(cat([x, full([200, 3], 2.5f)], dim: 1)), y));
        // A network that collapsed: one embedding for every image.
        using var collapsed = LinearProbe.Fit(full([200, 3], 2.5f), y, Classes, 0.01);
        Assert.True(collapsed.Scores(full([5, 3], 2.5f)).isfinite().all().item<bool>());
    }

    [Fact]
    public void A_probe_frees_what_it_takes()
    {
        using var scope = NewDisposeScope();
        var (x, y) = Draw(100, seed: 7);
        var before = LiveTensors.Count;
        LinearProbe.Choose(x, y, Classes, seed: 1)!.Value.Probe.Dispose();
        Assert.Equal(before, LiveTensors.Count);
    }

    /// <summary>Overlapping classes; features of scales from 0.01 to 100, far from zero.</summary>
    private static (Tensor Features, int[] Labels) Draw(int count, ulong seed, int noise = 4)
    {
        var random = CounterRandom.For(seed, "features");
        var channels = Classes + noise;
        var labels = new int[count];
        var values = new float[count * channels];
        for (var i = 0; i < count; i++)
        {
            labels[i] = (int)random.Below(Classes);
            for (var c = 0; c < channels; c++)
                values[i * channels + c] = (float)(
                    (random.NextNormal() + (c == labels[i] ? 2 : 0) + (c == (labels[i] + 1) % Classes ? 1 : 0)
                        + 3) * Math.Pow(10, c % 5 - 2));
        }
        return (tensor(values, [count, channels]), labels);
    }

    private static Tensor Long(int[] labels) => tensor(Array.ConvertAll(labels, l => (long)l));
}
