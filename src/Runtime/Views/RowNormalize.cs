using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DataSsl.Runtime.Views;

/// <summary>The last step: per channel less the mean, over the standard deviation, with the channels of a pixel side by side.</summary>
internal readonly struct RowNormalize(ViewRecipe recipe)
{
    private readonly float meanRed = (float)recipe.Mean.Red, meanGreen = (float)recipe.Mean.Green, meanBlue = (float)recipe.Mean.Blue;
    private readonly float factorRed = (float)(1 / recipe.Std.Red), factorGreen = (float)(
        1 / recipe.Std.Green), factorBlue = (float)(1 / recipe.Std.Blue);

    /// <summary>From [3, <paramref name="pitch"/>] to [S, 3].</summary>
    public void Write(ReadOnlySpan<float> row, int pitch, Span<float> target)
    {
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
