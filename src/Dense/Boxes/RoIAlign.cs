using System.Numerics;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Dense.Boxes;

/// <summary>
/// Pools regions of maps into maps of one size, at places between positions (He et al. 2017, Mask R-CNN, section 3): the mean of bilinear
/// samples in every bin. Differentiable by the maps.
/// </summary>
/// <param name="Height">Bins down.</param>
/// <param name="Width">Bins across.</param>
/// <param name="Samples">Samples down, and across, in every bin; 0 for as many as a bin has positions, rounded up, which is another number
/// for each region.</param>
/// <param name="Aligned">Positions are the middles of pixels, half a pixel from their corners, as Detectron2 has them; otherwise as
/// torchvision's detectors do, where a region also has one position at least.</param>
/// <remarks>
/// Where the samples lie, and the weights of the four positions about each, is computed in the maps' type on the processor, in the order of
/// operations that torchvision takes.
/// </remarks>
public sealed record RoIAlign(int Height, int Width, int Samples, bool Aligned)
{
    /// <summary>
    /// What a region of an ImageNet image's size pools from is level 4 (Lin et al. 2017, Feature Pyramid Networks, equation 1).
    /// </summary>
    private const double CanonicalSize = 224;

    private const int CanonicalLevel = 4;

    /// <summary>Added to a region's level, so that rounding does not decide of one whose side is a power of two.</summary>
    private const double Slack = 1e-6;

    /// <summary>A region goes from one map to the next where its side is this over the map's positions a pixel, or longer.</summary>
    public static double NextMapSide { get; } = CanonicalSize * Math.Pow(2, 1 - CanonicalLevel - Slack);

    /// <summary>Pools into squares.</summary>
    public RoIAlign(int size, int samples, bool aligned = false) : this(size, size, samples, aligned)
    {
    }

    /// <summary>Regions of one map -> [K, C, <see cref="Height"/>, <see cref="Width"/>].</summary>
    /// <param name="map">[N, C, H, W].</param>
    /// <param name="scale">Positions of the map a pixel: 1/16 of a map that is a sixteenth of the image.</param>
    /// <param name="boxes">[K, 4] in pixels.</param>
    /// <param name="images">[K]: the image of each.</param>
    public Tensor Of(Tensor map, double scale, Tensor boxes, long[] images) => Of([map], [scale], boxes, images);

    /// <summary>
    /// The same from a pyramid, the largest map first, and image after image: each region from the level that its size asks for.
    /// </summary>
    /// <param name="maps">Each [N, C, H, W].</param>
    /// <param name="scales">Positions a pixel, of each map: powers of two.</param>
    /// <param name="boxes">[K, 4] of each image, in pixels.</param>
    public Tensor Of(IReadOnlyList<Tensor> maps, IReadOnlyList<double> scales, IReadOnlyList<Tensor> boxes)
    {
        using var scope = NewDisposeScope();
        var images = boxes.SelectMany((of, image) => Enumerable.Repeat((long)image, (int)of.shape[0])).ToArray();
        return Of(maps, scales, cat(boxes.ToList(), 0), images).MoveToOuterDisposeScope();
    }

    private Tensor Of(IReadOnlyList<Tensor> maps, IReadOnlyList<double> scales, Tensor boxes, long[] images)
    {
        using var scope = NewDisposeScope();
        var (channels, type, device) = (maps[0].shape[1], maps[0].dtype, maps[0].device);
        var rows = maps.Select(map => map.permute(0, 2, 3, 1).reshape(-1, channels)).ToList();
        var matrix = rows.Count == 1 ? rows[0] : cat(rows, 0);
        if (images.Length == 0)
            return matrix.narrow(0, 0, 0).reshape(0, Height, Width, channels).permute(0, 3, 1, 2).MoveToOuterDisposeScope();

        var levels = new Level[maps.Count];
        var start = 0L;
        for (var i = 0; i < levels.Length; i++)
        {
            levels[i] = new(scales[i], (int)maps[i].shape[2], (int)maps[i].shape[3], start);
            start += rows[i].shape[0];
        }
        var (indices, weights, offsets) = type == ScalarType.Float64
            ? Places<double>(levels, boxes, images)
            : Places<float>(levels, boxes, images);
        var sums = WeightedRows.Sum(matrix, tensor(indices, device: device), weights.to(type, device), tensor(offsets, device: device));
        return sums.reshape(images.Length, Height, Width, channels).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Positions a pixel of a map of an image: the power of two next to the ratio of their heights, as padding may have rounded one of
    /// them.
    /// </summary>
    public static double ScaleOf(Tensor map, Tensor images) => Math.Pow(2, Math.Round(Math.Log2((double)map.shape[2] / images.shape[2])));

    private (long[] Indices, Tensor Weights, long[] Offsets) Places<T>(Level[] levels, Tensor boxes, long[] images)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var scope = NewDisposeScope();
        var edges = BoxAlgebra.Numbers<T>(boxes.to(typeof(T) == typeof(double) ? ScalarType.Float64 : ScalarType.Float32));
        var (regions, bins, total) = (new Region<T>[images.Length], Height * Width, 0L);
        for (var k = 0; k < regions.Length; k++)
        {
            var box = edges.AsSpan(4 * k, 4);
            regions[k] = new(this, levels.Length == 1 ? levels[0] : levels[LevelOf<T>(box, levels)], box, images[k], total);
            total += regions[k].Places * bins;
        }
        var (indices, weights, offsets) = (new long[total], new T[total], new long[regions.Length * bins]);
        Parallel.For(0, regions.Length, k => regions[k].Fill(indices, weights, offsets.AsSpan(k * bins, bins)));
        return (indices,
            (typeof(T) == typeof(double) ? tensor((double[])(object)weights) : tensor((float[])(object)weights)).MoveToOuterDisposeScope(),
            offsets);
    }

    private static int LevelOf<T>(ReadOnlySpan<T> box, Level[] levels) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var side = T.Sqrt((box[2] - box[0]) * (box[3] - box[1]));
        var (first, last) = (-Math.Log2(levels[0].Scale), -Math.Log2(levels[^1].Scale));
        var level = T.Floor(
            T.CreateChecked(CanonicalLevel) + T.CreateChecked(Math.Log2(double.CreateChecked(side / T.CreateChecked(CanonicalSize))))
                + T.CreateChecked(Slack));
        return (int)(Math.Clamp(double.CreateChecked(level), first, last) - first);
    }

    /// <summary>A map of the pyramid as rows of the matrix.</summary>
    private sealed record Level(double Scale, int Height, int Width, long Start);

    /// <summary>A region's samples: those down and those across, each between two positions.</summary>
    private sealed class Region<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly RoIAlign align;
        private readonly Level level;
        private readonly long image, start;
        private readonly T top, left, height, width;
        private readonly int down, across;

        public Region(RoIAlign align, Level level, ReadOnlySpan<T> box, long image, long start)
        {
            (this.align, this.level, this.image, this.start) = (align, level, image, start);
            var (scale, half) = (T.CreateChecked(level.Scale), align.Aligned ? T.CreateChecked(0.5) : T.Zero);
            (left, top) = (box[0] * scale - half, box[1] * scale - half);
            (width, height) = (box[2] * scale - half - left, box[3] * scale - half - top);
            if (!align.Aligned) (width, height) = (T.Max(width, T.One), T.Max(height, T.One));
            (down, across) = (SamplesOf(height, align.Height), SamplesOf(width, align.Width));
        }

        /// <summary>Positions that a bin reads: four a sample.</summary>
        public long Places => 4L * down * across;

        public void Fill(long[] indices, T[] weights, Span<long> offsets)
        {
            var (rows, columns) = (SamplesAlong(top, height, align.Height, down, level.Height),
                SamplesAlong(left, width, align.Width, across, level.Width));
            var (at, base_, count) = (start, level.Start + image * level.Height * level.Width, T.CreateChecked(Math.Max(down * across, 1)));
            for (var y = 0; y < align.Height; y++)
                for (var x = 0; x < align.Width; x++)
                {
                    offsets[y * align.Width + x] = at;
                    for (var i = y * down; i < (y + 1) * down; i++)
                        for (var j = x * across; j < (x + 1) * across; j++)
                        {
                            var (row, column) = (rows[i], columns[j]);
                            Add(row.Low, column.Low, row.First * column.First);
                            Add(row.Low, column.High, row.First * column.Second);
                            Add(row.High, column.Low, row.Second * column.First);
                            Add(row.High, column.High, row.Second * column.Second);
                        }
                }

            void Add(int row, int column, T weight)
            {
                indices[at] = base_ + (long)row * level.Width + column;
                weights[at++] = weight / count;
            }
        }

        private int SamplesOf(T length, int bins) =>
            align.Samples > 0 ? align.Samples : Math.Max(0, int.CreateChecked(T.Ceiling(length / T.CreateChecked(bins))));

        private static Sample[] SamplesAlong(T start, T length, int bins, int each, int positions)
        {
            var size = length / T.CreateChecked(bins);
            var samples = new Sample[bins * each];
            for (var bin = 0; bin < bins; bin++)
                for (var i = 0; i < each; i++)
                    samples[bin * each + i] = Sample.At(
                        start + T.CreateChecked(bin) * size + (T.CreateChecked(i) + T.CreateChecked(0.5)) * size / T.CreateChecked(each),
                        positions);
            return samples;
        }

        /// <summary>Two neighbouring positions and their weights.</summary>
        private readonly record struct Sample(int Low, int High, T First, T Second)
        {
            public static Sample At(T place, int positions)
            {
                // More than one position outside there is nothing; up to that the border goes on.
                if (place < -T.One || place > T.CreateChecked(positions) || T.IsNaN(place)) return new(0, 0, T.Zero, T.Zero);
                place = T.Max(place, T.Zero);
                var low = int.CreateChecked(T.Floor(place));
                if (low >= positions - 1) return new(positions - 1, positions - 1, T.One, T.Zero);
                var second = place - T.CreateChecked(low);
                return new(low, low + 1, T.One - second, second);
            }
        }
    }
}
