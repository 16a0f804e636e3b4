using DataSsl.Runtime.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>
/// Crop, antialiased resize and flip of a batch as two matrix products: <c>(Ry x image) x Rx^T</c>, with each image's own interpolation
/// matrices. Exact because the filter is separable; a mirrored view is an Rx with its rows reversed.
/// </summary>
internal static class CropResize
{
    // Crops of about the same size share a block. The padded sizes follow from the crop alone, so that an image is summed in the same order
    // whatever else is in the batch.
    private const int Quantum = 32;

    /// <summary>The views before any change of colour, [N, S, C, S] float32 in [0, 1].</summary>
    public static Tensor Make(ImageBatch batch, ViewDraw[] draws, int size, Interpolation interpolation, Device device)
    {
        var (bands, largest) = (batch.Pixels.Format.Bands, batch.Pixels.Format.Largest);
        var views = empty([batch.Count, size, bands, size], dtype: ScalarType.Float32, device: device);
        var blocks = Enumerable.Range(0, batch.Count)
            .GroupBy(i => (Height: Padded(draws[i].Placement.Box.Height), Width: Padded(draws[i].Placement.Box.Width)));
        foreach (var block in blocks)
        {
            var (height, width) = block.Key;
            foreach (var members in block.Chunk(Chunks.Length((long)bands * Math.Max(height, size) * Math.Max(width, size), device)))
            {
                using var scope = NewDisposeScope();
                var pixels = Pixels(batch, draws, members, height, width, device).to(ScalarType.Float32);
                var across = InterpolationMatrix.Make(
                    members, i => (draws[i].Placement.Across, draws[i].Placement.Box.Width), size, width, 1, interpolation, device);
                var down = InterpolationMatrix.Make(
                    members, i => (draws[i].Placement.Down, draws[i].Placement.Box.Height), size, height, largest, interpolation, device);
                var rows = bmm(down, pixels.view(members.Length, height, width * bands));
                var planes = rows.view(members.Length, size, width, bands).transpose(2, 3).reshape(members.Length, size * bands, width);
                var square = bmm(planes, across.transpose(1, 2));
                views.index_copy_(0, Staging.Index(members, device), square.view(members.Length, size, bands, size));
            }
        }
        return interpolation == Interpolation.Bicubic ? views.clamp_(0, 1) : views;
    }

    private static int Padded(int length) => (length + Quantum - 1) / Quantum * Quantum;

    /// <summary>
    /// The crops in the top left corners of a [n, H, W, C] block of numbers. The rest is whatever was there: its weight is zero.
    /// </summary>
    private static unsafe Tensor Pixels(ImageBatch batch, ViewDraw[] draws, int[] members, int height, int width, Device device)
    {
        var format = batch.Pixels.Format;
        // libtorch computes with no unsigned numbers of 16 bits: their pattern travels in signed ones.
        var block = empty([members.Length, height, width, format.Bands], dtype: format.Bits == 8 ? ScalarType.Byte : ScalarType.Int16);
        fixed (byte* bytes = block.bytes)
        {
            var (start, stride) = ((nint)bytes, format.Bytes * height * width);
            Workers.For(members.Length, Environment.ProcessorCount, i =>
            {
                var target = new Span<byte>((byte*)start + (long)i * stride, stride);
                batch.Images[members[i]].CopyTo(draws[members[i]].Placement.Box, target, width);
            });
        }
        var there = Staging.To(block, device);
        return format.Bits == 8 ? there : there.to(ScalarType.Int32).bitwise_and(format.Largest);
    }
}
