namespace DataSsl.Kernels.Tests;

/// <summary>What detectors and segmenters stand on, against plain loops.</summary>
public sealed unsafe class DenseTests
{
    public static TheoryData<int, int> Machines => ConvolutionTests.Machines;

    [Theory, MemberData(nameof(Machines))]
    public void Group_norm_and_its_relu(int bits, int threads)
    {
        // Groups within a vector, over its end, and as wide as several; in the map's place too.
        foreach (var (side, channels, groups) in new[] { (1, 16, 4), (5, 64, 32), (7, 40, 8), (3, 96, 32), (4, 64, 2), (6, 33, 1) })
        {
            using var machine = new Machine(threads, bits);
            var positions = side * side;
            // Far from zero: a variance by squares would lose it.
            var planes = Maps.Random(positions * channels, 1).Select(v => v + 30).ToArray();
            var (weight, bias, x) = (Maps.Random(channels, 2), Maps.Random(channels, 3), Maps.Pixels(planes, channels));
            new GroupNorm(machine, positions, groups, weight, bias).Run(x.Pointer, x.Pointer);
            var expected = new double[planes.Length];
            foreach (var group in Enumerable.Range(0, channels).Chunk(channels / groups))
            {
                var values = group.SelectMany(c => planes.Skip(c * positions).Take(positions)).Select(v => (double)v).ToArray();
                var mean = values.Average();
                var deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)) + 1e-5);
                foreach (var c in group)
                    for (var i = 0; i < positions; i++)
                        expected[c * positions + i] = Math.Max(0, (planes[c * positions + i] - mean) / deviation * weight[c] + bias[c]);
            }
            Maps.AssertClose(expected, x, channels, 2e-5);
        }
    }

    [Theory, MemberData(nameof(Machines))]
    public void A_map_at_another_side(int bits, int threads)
    {
        foreach (var (channels, side, outSide) in new[] { (16, 4, 8), (5, 3, 6), (20, 5, 7), (3, 1, 4), (17, 8, 3), (16, 6, 6) })
        {
            using var machine = new Machine(threads, bits);
            var planes = Maps.Random(channels * side * side, 1);
            var x = Maps.Pixels(planes, channels);
            foreach (var bilinear in new[] { false, true })
            {
                var y = new Floats(outSide * outSide * Lanes.Padded(channels));
                new Resize(machine, channels, side, outSide, bilinear).Run(x.Pointer, y.Pointer);
                var expected = new double[channels * outSide * outSide];
                for (var i = 0; i < expected.Length; i++)
                {
                    var (c, row, column) = (i / outSide / outSide, i / outSide % outSide, i % outSide);
                    expected[i] = bilinear
                        ? (from v in Around(row)
                           from u in Around(column)
                           select v.Share * u.Share * At(c, v.Place, u.Place)).Sum()
                        : At(c, row * side / outSide, column * side / outSide);
                }
                Maps.AssertClose(expected, y, channels, bilinear ? 1e-6 : 0);

                (int Place, double Share)[] Around(int place)
                {
                    // The middle of a pixel lies half a pixel in.
                    var at = Math.Clamp((place + 0.5) * side / outSide - 0.5, 0, side - 1);
                    return [((int)at, 1 - (at - (int)at)), (Math.Min((int)at + 1, side - 1), at - (int)at)];
                }

                double At(int c, int v, int u) => planes[(c * side + v) * side + u];
            }
        }
    }

    [Theory, MemberData(nameof(Machines))]
    public void One_convolution_of_several_maps(int bits, int threads)
    {
        const int channels = 20, columns = 7;
        int[] sides = [6, 3, 2, 1];
        using var machine = new Machine(threads, bits);
        var weights = Maps.Matrix(columns, 9 * channels, seed: 5);
        var planes = sides.Select(side => Maps.Random(channels * side * side, side)).ToArray();
        var positions = LevelsConvolution.Positions(sides);
        Assert.Equal(50, positions);
        var (x, y) = (new Floats(positions * Lanes.Padded(channels)), new Floats(positions * Lanes.Padded(columns)));
        var at = 0;
        foreach (var map in planes.Select(p => Maps.Pixels(p, channels)))
        {
            map.Span.CopyTo(x.Span[at..]);
            at += map.Length;
        }
        new LevelsConvolution(machine, weights.ChannelsLast(channels), channels, sides).Run(x.Pointer, y.Pointer);
        at = 0;
        foreach (var (side, map) in sides.Zip(planes))
        {
            var length = side * side * Lanes.Padded(columns);
            Maps.AssertClose(
                Reference.Convolution(map, weights, channels, side, 3, 1, 1), new Floats(y.Span.Slice(at, length), length), columns, 1e-5);
            at += length;
        }
    }

    /// <summary>
    /// By the book, over all boxes at once: the best of each map, cut at the image, and then whatever is best of its class is taken and
    /// what it overlaps is struck out.
    /// </summary>
    [Theory]
    [InlineData(1000, 100)]
    [InlineData(20, 100)]
    [InlineData(1000, 7)]
    public void Boxes_of_what_fcos_says(int candidates, int most)
    {
        const int side = 64, classes = 3;
        int[] sides = [8, 4, 2, 1, 1];
        var random = new Random(9);
        var positions = LevelsConvolution.Positions(sides);
        var (logits, edges) = (new Floats(positions * Lanes.Padded(classes)), new Floats(positions * Lanes.Count));
        for (var i = 0; i < positions; i++)
        {
            for (var c = 0; c < classes; c++) logits.Span[i * Lanes.Padded(classes) + c] = (float)(4 * random.NextDouble() - 3);
            for (var e = 0; e < 5; e++) edges.Span[i * Lanes.Count + e] = (float)(3 * random.NextDouble() - 0.5);
        }
        var found = new FcosBoxes(side, sides, classes, 0.2f, 0.5, candidates, most).Of(logits, edges, height: 50, width: 60);
        var all = new List<(double[] Box, double Score, int Label)>();
        var start = 0;
        foreach (var across in sides)
        {
            var (step, level) = (side / across, new List<(double[] Box, double Score, int Label)>());
            for (var i = 0; i < across * across; i++)
                for (var c = 0; c < classes; c++)
                {
                    var e = edges.Span.Slice((start + i) * Lanes.Count, 5).ToArray().Select(v => (double)v).ToArray();
                    var score = Math.Sqrt(Sigmoid(logits.Span[(start + i) * Lanes.Padded(classes) + c]) * Sigmoid(e[4]));
                    double x = i % across * step, y = i / across * step;
                    level.Add((
                        [
                            Math.Clamp(x - Math.Max(0, e[0]) * step, 0, 60), Math.Clamp(y - Math.Max(0, e[1]) * step, 0, 50),
                            Math.Clamp(x + Math.Max(0, e[2]) * step, 0, 60), Math.Clamp(y + Math.Max(0, e[3]) * step, 0, 50),
                        ], score, c));
                }
            all.AddRange(level.Where(d => d.Score > 0.2).OrderByDescending(d => d.Score).Take(candidates));
            start += across * across;
        }
        Assert.True(all.Count > 40);
        var expected = new List<(double[] Box, double Score, int Label)>();
        while (all.Count > 0)
        {
            var best = all.MaxBy(d => d.Score);
            expected.Add(best);
            all.RemoveAll(d => ReferenceEquals(d.Box, best.Box) || (d.Label == best.Label && Iou(d.Box, best.Box) > 0.5));
        }
        Assert.Equal(Math.Min(most, expected.Count), found.Count);
        foreach (var (box, (at, score, label)) in found.Zip(expected))
        {
            Assert.Equal(label, box.Label);
            Assert.Equal(score, box.Score, 1e-6);
            foreach (var (edge, of) in new[] { box.Left, box.Top, box.Right, box.Bottom }.Zip(at)) Assert.Equal(of, edge, 1e-4);
        }

        static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

        static double Iou(double[] a, double[] b)
        {
            var (width, height) = (Math.Min(a[2], b[2]) - Math.Max(a[0], b[0]), Math.Min(a[3], b[3]) - Math.Max(a[1], b[1]));
            var common = Math.Max(0, width) * Math.Max(0, height);
            return common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common);
        }
    }

    [Fact]
    public void Planes_as_pixels_and_back()
    {
        var planes = Maps.Random(5 * 9, 1);
        var (map, back) = (new Floats(9 * Lanes.Padded(5)), new float[planes.Length]);
        fixed (float* from = planes, to = back)
        {
            Copy.FromPlanes(from, 9, 5, map.Pointer);
            Copy.ToPlanes(map.Pointer, 9, 5, to);
        }
        Assert.Equal(planes, back);
        Assert.Equal(Maps.Pixels(planes, 5).Span.ToArray(), map.Span.ToArray());
    }
}
