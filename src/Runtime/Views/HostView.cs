using DataSsl.Kernels;
using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Views;

/// <summary>
/// Makes one view at a time on the CPU, straight from the bytes of the crop, with vector instructions, in buffers of the thread that stay
/// in the cache.
/// </summary>
internal sealed class HostView(int size, int channels)
{
    // One for each shape, as a thread makes all views of an image, large and small, in turn.
    [ThreadStatic]
    private static Dictionary<(int Size, int Channels), HostView>? ofThread;

    private readonly Planes rows = new(size, channels);
    private readonly RowBlur blur = new(size, channels);
    private float[] sums = [];

    /// <summary>Makes the view that a draw describes.</summary>
    /// <param name="image">The whole image.</param>
    /// <param name="draw">The view's draw.</param>
    /// <param name="recipe">The draw's recipe.</param>
    /// <param name="target">The view, normalised: [S, S, C].</param>
    public static void Render(Image image, ViewDraw draw, ViewRecipe recipe, Span<float> target)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(image.Format.Bands, recipe.Mean.Count);
        ofThread ??= [];
        var shape = (recipe.Size, image.Format.Bands);
        if (!ofThread.TryGetValue(shape, out var view)) ofThread.Add(shape, view = new(recipe.Size, image.Format.Bands));
        view.Make(image, draw, recipe.Interpolation, new(recipe), target);
    }

    private void Make(Image image, ViewDraw draw, Interpolation interpolation, RowNormalize normalize, Span<float> target)
    {
        // The mean grey that contrast blends with is known only when every row has come as far.
        var order = channels is 1 or 3 ? draw.Order : [];
        var contrast = Array.IndexOf(order, JitterStep.Contrast);
        var (before, after) = contrast < 0 ? (order, []) : (order[..contrast], order[contrast..]);
        Crop(image, draw.Placement, interpolation, row => Jitter(row, before, draw, mean: 0));
        var mean = contrast < 0 ? 0 : MeanGrey();

        var kernel = draw.BlurSigma > 0 ? RowBlur.Kernel(draw.BlurSigma) : [];
        for (var y = 0; y < size; y++)
        {
            Jitter(rows[y], after, draw, mean);
            if (draw.Gray && channels == 3) RowColour.Blend(rows[y], image: 0, grey: 1, constant: 0);
        }
        for (var y = 0; y < size; y++)
        {
            var row = draw.BlurSigma > 0 ? blur.Row(rows, y, kernel) : rows[y];
            if (draw.Solarize) RowColour.Solarize(row);
            var written = target.Slice(channels * size * y, channels * size);
            normalize.Write(row, rows.Pitch, written);
            BandJitter.Apply(written, draw, y);
        }
    }

    /// <summary>Resizes row by row: first down the columns of the crop that are wanted, then across.</summary>
    private void Crop(Image image, Placement placement, Interpolation interpolation, Action<Span<float>> then)
    {
        var box = placement.Box;
        var down = placement.Down.Filter(box.Height, size, 1.0 / image.Format.Largest, interpolation);
        var across = placement.Across.Filter(box.Width, size, 1, interpolation);
        var (left, columns, length) = (box.Left + across.First, across.End - across.First, PixelSums.Length(across, channels));
        if (sums.Length < length) sums = new float[length];
        var pixels = image.Rows;
        for (var y = 0; y < size; y++)
        {
            var weights = down.Of(y, out var first);
            pixels.Down(left, box.Top + first, columns, weights, sums);
            PixelSums.Across(sums, across, channels, rows[y]);
            if (interpolation == Interpolation.Bicubic) RowColour.Clamp(rows[y]);
            then(rows[y]);
        }
    }

    private void Jitter(Span<float> row, ReadOnlySpan<JitterStep> steps, ViewDraw draw, float mean)
    {
        foreach (var step in steps)
        {
            if (step == JitterStep.Hue && channels == 3) RowColour.TurnHue(row, draw.Hue);
            else if (step != JitterStep.Hue)
            {
                var factor = (float)draw.Factors[(int)step];
                if (channels == 1)
                {
                    // It is its own grey.
                    if (step != JitterStep.Saturation) RowColour.Scale(row, factor, step == JitterStep.Contrast ? (1 - factor) * mean : 0);
                    continue;
                }
                RowColour.Blend(
                    row, factor, step == JitterStep.Saturation ? 1 - factor : 0, step == JitterStep.Contrast ? (1 - factor) * mean : 0);
            }
        }
    }

    private float MeanGrey()
    {
        var sum = 0.0;
        for (var y = 0; y < size; y++) sum += channels == 1 ? RowColour.Sum(rows[y]) : RowColour.SumGrey(rows[y]);
        return (float)(sum / ((double)size * size));
    }
}
