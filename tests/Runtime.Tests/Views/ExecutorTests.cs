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
        ViewRecipe.CenterCrop(40) with { Mean = new(0, 0, 0), Std = new(1, 1, 1) },
        ViewRecipe.WholeImage(29) with { Mean = new(0.5, 0.4, 0.3), Std = new(1, 1, 1) },
    };

    [Theory]
    [MemberData(nameof(Recipes))]
    public void Both_executors_make_the_same_view_of_every_draw(ViewRecipe recipe)
    {
        using var scope = torch.NewDisposeScope();
        var batch = Batch([(640, 480), (33, 32), (24, 24), (70, 320), (5, 9), (64, 64), (1, 1), (500, 31), (100, 75), (200, 150), (90, 90), (1000, 700)]);
        for (var step = 0; step < 4; step++)
        {
            var draws = batch.Indices.Select(i => ViewDraw.For(recipe, batch.Images[i].Width, batch.Images[i].Height, 3, step, i, 0)).ToArray();
            var host = Values(ViewMaker.RenderOnHost(batch, draws, recipe));
            AssertClose(Values(ViewMaker.RenderInBatches(batch, draws, recipe, torch.CPU)), host, 1e-5);
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
