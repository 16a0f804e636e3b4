using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DataSsl.Runtime.Views;

/// <summary>The last step: per channel less the mean, over the standard deviation, with the channels of a pixel side by side.</summary>
internal readonly struct RowNormalize(ViewRecipe recipe)
{
    private readonly float[] means = recipe.Mean.ToSingle(), factors = recipe.Std.Inverse();

    /// <summary>From [C, <paramref name="pitch"/>] to [S, C].</summary>
    public void Write(ReadOnlySpan<float> row, int pitch, Span<float> target)
    {
        if (means.Length == 3) WriteThree(row, pitch, target);
        else
            for (var i = 0; i < target.Length; i++)
            {
                var (x, channel) = Math.DivRem(i, means.Length);
                target[i] = (row[channel * pitch + x] - means[channel]) * factors[channel];
            }
    }

    private void WriteThree(ReadOnlySpan<float> row, int pitch, Span<float> target)
    {
        var (meanRed, meanGreen, meanBlue) = (means[0], means[1], means[2]);
        var (factorRed, factorGreen, factorBlue) = (factors[0], factors[1], factors[2]);
        var size = target.Length / 3;
        _ = row[(2 * pitch + size - 1)..];
        ref var source = ref MemoryMarshal.GetReference(row);
        ref var first = ref MemoryMarshal.GetReference(target);
        var x = 0;
        for (; x + 3 < size; x += 4)
        {
            var red = (Vector128.LoadUnsafe(ref source, (nuint)x) - Vector128.Create(meanRed)) * factorRed;
            var green = (Vector128.LoadUnsafe(ref source, (nuint)(pitch + x)) - Vector128.Create(meanGreen)) * factorGreen;
            var blue = (Vector128.LoadUnsafe(ref source, (nuint)(2 * pitch + x)) - Vector128.Create(meanBlue)) * factorBlue;
            Vector128.Create(red[0], green[0], blue[0], red[1]).StoreUnsafe(ref first, (nuint)(3 * x));
            Vector128.Create(green[1], blue[1], red[2], green[2]).StoreUnsafe(ref first, (nuint)(3 * x + 4));
            Vector128.Create(blue[2], red[3], green[3], blue[3]).StoreUnsafe(ref first, (nuint)(3 * x + 8));
        }
        for (; x < size; x++)
        {
            target[3 * x] = (row[x] - meanRed) * factorRed;
            target[3 * x + 1] = (row[pitch + x] - meanGreen) * factorGreen;
            target[3 * x + 2] = (row[2 * pitch + x] - meanBlue) * factorBlue;
        }
    }
}
