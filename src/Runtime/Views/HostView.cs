using DataSsl.Kernels;
using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Views;

/// <summary>
/// Makes one view at a time on the CPU, straight from the bytes of the crop, with vector instructions, in buffers of the thread that stay
/// in the cache.
/// </summary>
internal sealed class HostView(int size)
{
    // One for each size, as a thread makes all views of an image, large and small, in turn.
    [ThreadStatic]
    private static Dictionary<int, HostView>? ofThread;

    private readonly Planes rows = new(size);
    private readonly RowBlur blur = new(size);
    private float[] sums = [];

    /// <summary>Makes the view that a draw describes.</summary>
    /// <param name="image">The whole image.</param>
    /// <param name="draw">The view's draw.</param>
    /// <param name="recipe">The draw's recipe.</param>
    /// <param name="target">The view, normalised: [S, S, 3].</param>
    public static void Render(Image image, ViewDraw draw, ViewRecipe recipe, Span<float> target)
    {
        ofThread ??= [];
        if (!ofThread.TryGetValue(recipe.Size, out var view)) ofThread.Add(recipe.Size, view = new(recipe.Size));
        view.Make(image, draw, recipe.Interpolation, new(recipe), target);
    }

    private void Make(Image image, ViewDraw draw, Interpolation interpolation, RowNormalize normalize, Span<float> target)
    {
        // The mean grey that contrast blends with is known only when every row has come as far.
        var contrast = Array.IndexOf(draw.Order, JitterStep.Contrast);
        var (before, after) = contrast < 0 ? (draw.Order, []) : (draw.Order[..contrast], draw.Order[contrast..]);
        Crop(image, draw.Placement, interpolation, row => Jitter(row, before, draw, mean: 0));
        var mean = contrast < 0 ? 0 : MeanGrey();

        var kernel = draw.BlurSigma > 0 ? RowBlur.Kernel(draw.BlurSigma) : [];
        for (var y = 0; y < size; y++)
        {
            Jitter(rows[y], after, draw, mean);
            if (draw.Gray) RowColour.Blend(rows[y], image: 0, grey: 1, constant: 0);
        }
        for (var y = 0; y < size; y++)
        {
            var row = draw.BlurSigma > 0 ? blur.Row(rows, y, kernel) : rows[y];
            if (draw.Solarize) RowColour.Solarize(row);
            normalize.Write(row, rows.Pitch, target.Slice(3 * size * y, 3 * size));
        }
    }

    /// <summary>Resizes row by row: first down the columns of the crop that are wanted, then across.</summary>
    private void Crop(Image image, Placement placement, Interpolation interpolation, Action<Span<float>> then)
    {
        var box = placement.Box;
        var down = placement.Down.Filter(box.Height, size, 1.0 / 255, interpolation);
        var across = placement.Across.Filter(box.Width, size, 1, interpolation);
        var (stride, count) = (3 * image.Width, 3 * (across.End - across.First));
        if (sums.Length < PixelSums.Length(across)) sums = new float[PixelSums.Length(across)];
        var pixels = image.Rgb.Span[(stride * box.Top + 3 * (box.Left + across.First))..];
        for (var y = 0; y < size; y++)
        {
            var weights = down.Of(y, out var first);
            PixelSums.Down(pixels[(stride * first)..], stride, weights, count, sums);
            PixelSums.Across(sums, across, rows[y]);
            if (interpolation == Interpolation.Bicubic) RowColour.Clamp(rows[y]);
            then(rows[y]);
        }
    }

    private static void Jitter(Span<float> row, ReadOnlySpan<JitterStep> steps, ViewDraw draw, float mean)
    {
        foreach (var step in steps)
        {
            if (step == JitterStep.Hue) RowColour.TurnHue(row, draw.Hue);
            else
            {
                var factor = (float)draw.Factors[(int)step];
                RowColour.Blend(
                    row, factor, step == JitterStep.Saturation ? 1 - factor : 0, step == JitterStep.Contrast ? (1 - factor) * mean : 0);
            }
        }
    }

    private float MeanGrey()
    {
        var sum = 0.0;
        for (var y = 0; y < size; y++) sum += RowColour.SumGrey(rows[y]);
        return (float)(sum / ((double)size * size));
    }
}
