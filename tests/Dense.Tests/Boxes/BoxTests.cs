using DataSsl.Dense.Boxes;
using DataSsl.Runtime;
using static TorchSharp.torch;

namespace DataSsl.Dense.Tests.Boxes;

public sealed class BoxTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Overlaps_and_matches_are_torchvisions(bool keepsBest)
    {
        using var scope = NewDisposeScope();
        using var recorded = RecordedBoxes.Read();
        var (truth, count, high, low) = RecordedBoxes.Match;
        var candidates = RecordedBoxes.Boxes("boxes/match/candidates", count, 100, 80);
        // The same candidate twice: both are a true box's best.
        for (var i = 1; i < count; i += 7) candidates[i] = candidates[i - 1];
        var overlaps = BoxAlgebra.Iou(RecordedBoxes.Boxes("boxes/match/truth", truth, 100, 80), candidates);
        Assert.InRange((overlaps - recorded["match/overlaps"]).abs().max().item<float>(), 0, 1e-6);
        Assert.Equal(Longs(recorded[$"match/{(keepsBest ? "True" : "False")}"]), Longs(new Matcher(high, low, keepsBest).Match(overlaps)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Suppression_keeps_what_torchvision_keeps(bool oneKind)
    {
        using var scope = NewDisposeScope();
        using var recorded = RecordedBoxes.Read();
        var (count, kinds, overlap) = RecordedBoxes.Suppress;
        var scores = DataSsl.Tests.Seeded.Uniform("boxes/suppress/scores", [count]);
        for (var i = 5; i < count; i += 5) scores[i] = scores[0];
        var kept = Suppression.Keep(
            RecordedBoxes.Boxes("boxes/suppress/boxes", count, 100, 80), scores,
            arange(count, ScalarType.Int64).remainder(oneKind ? 1 : kinds), overlap);
        Assert.Equal(Longs(recorded[oneKind ? "suppress/one" : "suppress"]), Longs(kept));
        Assert.Empty(Longs(Suppression.Keep(zeros(0, 4), zeros(0), zeros(0, ScalarType.Int64), overlap)));
    }

    [Fact]
    public void Anchors_are_torchvisions()
    {
        using var scope = NewDisposeScope();
        using var recorded = RecordedBoxes.Read();
        var (image, maps, sizes, ratios) = RecordedBoxes.Anchors;
        var anchors = new AnchorGrid(sizes, ratios).Of([.. maps.Select(size => zeros([1, 1, .. size]))], zeros([1, 3, .. image]));
        Assert.Equal([.. maps.Select(size => 6 * size[0] * size[1])], anchors.Select(a => a.shape[0]));
        Assert.Equal(recorded["anchors"].data<float>().ToArray(), cat([.. anchors], 0).data<float>().ToArray());
    }

    /// <summary>Both ways to write a box of a reference lead back to it.</summary>
    [Fact]
    public void Codes_lead_back()
    {
        using var scope = NewDisposeScope();
        var (boxes, references) = (RecordedBoxes.Boxes("codes/boxes", 20, 100, 80).to(ScalarType.Float64),
            RecordedBoxes.Boxes("codes/references", 20, 100, 80).to(ScalarType.Float64));
        var coder = new BoxCoder(10, 5);
        Assert.InRange(
            (coder.Decode(coder.Encode(boxes, references).unsqueeze(1), references).squeeze(1) - boxes).abs().max().item<double>(), 0,
            1e-9);
        Assert.InRange(
            (DistanceCoder.Decode(DistanceCoder.Encode(boxes, references), references) - boxes).abs().max().item<double>(), 0, 1e-9);
    }

    [Fact]
    public void A_sample_is_balanced_and_its_own()
    {
        using var scope = NewDisposeScope();
        var sampler = new BalancedSampler(64, 0.25);
        // 100 boxes, 400 of the background, 100 that count for nothing.
        var labels = cat([full(100, 2, ScalarType.Int64), zeros(400, ScalarType.Int64), full(100, -1, ScalarType.Int64)], 0);
        (long[] Positive, long[] Negative) Draw(Tensor of, long step)
        {
            var (positive, negative) = sampler.Draw(of, CounterRandom.For(1, "test", step));
            return (Longs(positive), Longs(negative));
        }

        var first = Draw(labels, 0);
        Assert.Equal((16, 48), (first.Positive.Length, first.Negative.Length));
        Assert.All(first.Positive, i => Assert.InRange(i, 0, 99));
        Assert.All(first.Negative, i => Assert.InRange(i, 100, 499));
        Assert.Equal(first.Positive.Distinct().Order(), first.Positive);
        Assert.Equal(first.Negative.Distinct().Order(), first.Negative);
        Assert.Equal(first.Positive, Draw(labels, 0).Positive);
        Assert.NotEqual(first.Positive, Draw(labels, 1).Positive);
        // Every one is as likely: of 100, 16 in a draw.
        var counts = new int[100];
        for (var step = 0; step < 2000; step++)
            foreach (var i in Draw(labels, step).Positive) counts[i]++;
        Assert.All(counts, count => Assert.InRange(count, 320 - 100, 320 + 100));
        // Where there are few boxes the background fills up; where there is little of both, all are drawn.
        var few = Draw(labels.narrow(0, 97, 400), 0);
        Assert.Equal((3, 61), (few.Positive.Length, few.Negative.Length));
        var little = Draw(labels.narrow(0, 95, 10), 0);
        Assert.Equal((5, 5), (little.Positive.Length, little.Negative.Length));
    }

    private static long[] Longs(Tensor values) => values.data<long>().ToArray();
}
