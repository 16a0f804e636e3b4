using DataSsl.Kernels;
using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Views;

/// <summary>Chooses the part of an image that a view shows.</summary>
internal static class Cropping
{
    private const int Attempts = 10;

    public static Placement Draw(ViewRecipe recipe, int width, int height, ref CounterRandom rng)
    {
        var box = recipe.Crop switch
        {
            CropRule.RandomResized => RandomResized(recipe, width, height, ref rng),
            CropRule.Whole => Clamped(recipe.Aspect, width, height),
            CropRule.Center => new PixelBox(0, 0, width, height),
            _ => throw new ArgumentOutOfRangeException(nameof(recipe)),
        };
        var flip = rng.Chance(recipe.FlipChance);
        return recipe.Crop == CropRule.Center ? Center(box, recipe.Size, flip) : Placement.Fill(box, recipe.Size, flip);
    }

    /// <summary>torchvision's rule: ten tries, then the largest middle part whose aspect ratio is allowed.</summary>
    private static PixelBox RandomResized(ViewRecipe recipe, int width, int height, ref CounterRandom rng)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var area = (double)width * height * rng.Between(recipe.Area.Low, recipe.Area.High);
            var aspect = Math.Exp(rng.Between(Math.Log(recipe.Aspect.Low), Math.Log(recipe.Aspect.High)));
            var w = (int)Math.Round(Math.Sqrt(area * aspect));
            var h = (int)Math.Round(Math.Sqrt(area / aspect));
            if (w > 0 && w <= width && h > 0 && h <= height)
                return new((int)rng.Below(width - w + 1), (int)rng.Below(height - h + 1), w, h);
        }
        return Clamped(recipe.Aspect, width, height);
    }

    private static PixelBox Clamped(Interval aspect, int width, int height)
    {
        var (w, h) = (width, height);
        var ratio = (double)width / height;
        if (ratio < aspect.Low) h = Math.Max(1, (int)Math.Round(width / aspect.Low));
        else if (ratio > aspect.High) w = Math.Max(1, (int)Math.Round(height * aspect.High));
        return new((width - w) / 2, (height - h) / 2, w, h);
    }

    /// <summary>
    /// A resize of the short side and a central crop in one step; the filter still sees the pixels beyond the crop, as it would in two.
    /// </summary>
    private static Placement Center(PixelBox whole, int size, bool flip)
    {
        return new(whole, Along(whole.Width, flip), Along(whole.Height, flip: false));

        AxisMap Along(int length, bool flip)
        {
            var (origin, step) = ShownImage.Along(length, Math.Min(whole.Width, whole.Height), size);
            return flip ? new(origin + size * step, -step) : new(origin, step);
        }
    }
}
