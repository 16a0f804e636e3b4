using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Gpu.Tests;

/// <summary>Views made on the device are the CPU's.</summary>
public sealed class ViewTests
{
    [SkippableFact]
    public void Views_are_those_of_the_cpu()
    {
        var device = Accelerator.Get();
        using var scope = NewDisposeScope();
        var random = CounterRandom.For(7, "gpu views");
        var images = new Image[12];
        foreach (ref var image in images.AsSpan())
        {
            var (width, height) = (40 + (int)random.Below(100), 40 + (int)random.Below(100));
            var pixels = new byte[3 * width * height];
            for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)(128 + 100 * Math.Sin(0.05 * i) + random.Below(27));
            image = new(width, height, pixels);
        }
        var batch = new ImageBatch([.. Enumerable.Range(0, images.Length)], images);
        foreach (var recipe in new[] { ViewRecipe.MoCoV2(48), ViewRecipe.Byol(48, blur: 1, solarize: 1), ViewRecipe.CenterCrop(48) })
            for (var step = 0; step < 4; step++)
                Assert.InRange(
                    Accelerator.Difference(
                        ViewMaker.Make(batch, recipe, 1, step, 0, CPU), ViewMaker.Make(batch, recipe, 1, step, 0, device)),
                    0, 1e-5);
    }
}
