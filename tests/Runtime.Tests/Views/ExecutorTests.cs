using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;
using TorchSharp;
using static DataSsl.Runtime.Tests.Views.ViewFixtures;

namespace DataSsl.Runtime.Tests.Views;

/// <summary>The two ways to make a view, image by image on the CPU and in batches of tensors, give the same view.</summary>
public class ExecutorTests
{
    public static TheoryData<ViewRecipe> Recipes() => new()
    {
        Plain(32) with { FlipChance = 0.5 },
        ViewRecipe.MoCoV2(32) with { SolarizeChance = 0.3, Hue = 0.5, Mean = new(0, 0, 0), Std = new(1, 1, 1) },
        ViewRecipe.MoCoV2(37) with { BlurChance = 1, BlurSigma = new(0.1, 2), Mean = new(0, 0, 0), Std = new(1, 1, 1) },
        ViewRecipe.MoCoV2(224) with { Mean = new(0, 0, 0), Std = new(1, 1, 1) },
        ViewRecipe.Byol(31, blur: 0.5, solarize: 0.5) with { Mean = new(0, 0, 0), Std = new(1, 1, 1) },
        ViewRecipe.CenterCrop(40) with { Interpolation = Interpolation.Bicubic, Mean = new(0, 0, 0), Std = new(1, 1, 1) },
        ViewRecipe.CenterCrop(40) with { Mean = new(0, 0, 0), Std = new(1, 1, 1) },
        ViewRecipe.WholeImage(29) with { Mean = new(0.5, 0.4, 0.3), Std = new(1, 1, 1) },
    };

    [Theory]
    [MemberData(nameof(Recipes))]
    public void Both_executors_make_the_same_view_of_every_draw(ViewRecipe recipe)
    {
        using var scope = torch.NewDisposeScope();
        var batch = Batch(
            [(640, 480), (33, 32), (24, 24), (70, 320), (5, 9), (64, 64), (1, 1), (500, 31), (100, 75), (200, 150), (90, 90), (1000, 700)]);
        for (var step = 0; step < 4; step++)
        {
            var draws = batch.Indices.Select(i => ViewDraw.For(recipe, batch.Images[i].Width, batch.Images[i].Height, 3, step, i, 0))
                .ToArray();
            var host = Values(ViewMaker.RenderOnHost(batch, draws, recipe));
            AssertClose(Values(ViewMaker.RenderInBatches(batch, draws, recipe, torch.CPU)), host, 1e-5);
        }
    }

    [Fact]
    public void A_local_view_costs_its_own_pixels_and_leaves_the_buffers_of_the_global_one()
    {
        var image = Batch((90, 90)).Images[0];
        var (large, small) = (ViewRecipe.Byol(128, 1, 0), ViewRecipe.Byol(16, 1, 0));
        var target = new float[3 * 128 * 128];
        var first = (Large: Allocated(large), Small: Allocated(small));
        Assert.InRange(first.Small, 16 * 16 * 3 * sizeof(float), first.Large / 4);
        // The pictures between the steps are there now, for both sizes: what is left is the taps of a crop.
        for (var i = 0; i < 3; i++) Assert.InRange(Allocated(large) + Allocated(small), 0, 128 * 128 * 3 * sizeof(float) / 4);

        long Allocated(ViewRecipe recipe)
        {
            var draw = ViewDraw.For(recipe, 90, 90, 3, 0, 0, 0);
            var before = GC.GetAllocatedBytesForCurrentThread();
            HostView.Render(image, draw, recipe, target.AsSpan(0, 3 * recipe.Size * recipe.Size));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Bits_do_not_depend_on_the_number_of_threads()
    {
        using var scope = torch.NewDisposeScope();
        var batch = Batch([.. Enumerable.Repeat((120, 90), 9)]);
        var threads = torch.get_num_threads();
        try
        {
            torch.set_num_threads(1);
            var one = Values(ViewMaker.Make(batch, ViewRecipe.MoCoV2(64), 1, 0, 0, torch.CPU));
            torch.set_num_threads(4);
            Assert.Equal(one, Values(ViewMaker.Make(batch, ViewRecipe.MoCoV2(64), 1, 0, 0, torch.CPU)));
        }
        finally
        {
            torch.set_num_threads(threads);
        }
    }
}
