using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Training;
using DataSsl.Runtime.Views;
using DataSsl.Tests;
using TorchSharp;
using static DataSsl.Runtime.Tests.Views.ViewFixtures;

namespace DataSsl.Runtime.Tests.Views;

// Counts live tensors, so nothing may run beside it.
[Collection(SingleThread.Name)]
public class ViewMakerTests
{
    private static readonly ViewRecipe recipe = ViewRecipe.MoCoV2(32) with { SolarizeChance = 0.2 };

    private static readonly (int, int)[] sizes =
        [(32, 32), (100, 75), (40, 90), (64, 64), (31, 33), (200, 150), (48, 48), (75, 100), (32, 40), (90, 90), (33, 97), (128, 20)];

    /// <summary>Three images of 8,192 pixels a side are 2.25 GiB: more than a span of bytes holds.</summary>
    [SkippableFact]
    public void Views_of_more_than_2_GiB_are_made_like_others()
    {
        Needed.If(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >= 8L << 30, "takes 5 GiB of memory");
        var (batch, recipe) = (Batch([(40, 30), (30, 40), (50, 50)]), ViewRecipe.CenterCrop(8192));
        using var scope = torch.NewDisposeScope();
        var views = ViewMaker.Make(batch, recipe, 1, 2, 0, torch.CPU);
        Assert.True(views.numel() * 4 > int.MaxValue);
        var last = ViewMaker.Make(Select(batch, 2), recipe, 1, 2, 0, torch.CPU);
        Assert.True(views.narrow(0, 2, 1).eq(last).all().item<bool>());
    }

    [Fact]
    public void A_view_is_float32_in_channels_last_order_without_gradient()
    {
        using var scope = torch.NewDisposeScope();
        var views = ViewMaker.Make(Batch(sizes), recipe, 1, 2, 0, torch.CPU);
        Assert.Equal([sizes.Length, 3, 32, 32], views.shape);
        Assert.Equal([32 * 32 * 3, 1, 32 * 3, 3], views.stride());
        Assert.Equal((torch.ScalarType.Float32, false), (views.dtype, views.requires_grad));
        Assert.All(Values(views), value => Assert.InRange(value, -2.2f, 2.7f));
    }

    [Fact]
    public void Every_bit_of_a_view_is_independent_of_the_rest_of_the_batch()
    {
        using var scope = torch.NewDisposeScope();
        var batch = Batch(sizes);
        for (var step = 0; step < 6; step++)
        {
            var all = Values(ViewMaker.Make(batch, recipe, 1, step, 0, torch.CPU)).Chunk(3 * 32 * 32).ToArray();
            int[] some = [7, 2, 11, 0, 5];
            var five = Values(ViewMaker.Make(Select(batch, some), recipe, 1, step, 0, torch.CPU)).Chunk(3 * 32 * 32).ToArray();
            for (var i = 0; i < some.Length; i++) Assert.Equal(all[some[i]], five[i]);
            for (var i = 0; i < sizes.Length; i++)
                Assert.Equal(all[i], Values(ViewMaker.Make(Select(batch, i), recipe, 1, step, 0, torch.CPU)));
        }
    }

    [Fact]
    public void A_large_view_does_not_depend_on_how_the_batch_is_cut_up()
    {
        using var scope = torch.NewDisposeScope();
        var large = ViewRecipe.MoCoV2(224);
        var batch = Batch([.. Enumerable.Repeat((341, 256), 9)]);
        var all = Values(ViewMaker.Make(batch, large, 1, 0, 0, torch.CPU)).Chunk(3 * 224 * 224).ToArray();
        Assert.Equal(all[8], Values(ViewMaker.Make(Select(batch, 8), large, 1, 0, 0, torch.CPU)));
    }

    [Fact]
    public void Two_views_differ_and_the_same_view_repeats()
    {
        using var scope = torch.NewDisposeScope();
        var batch = Batch(sizes);
        var first = Values(ViewMaker.Make(batch, recipe, 1, 2, 0, torch.CPU));
        Assert.Equal(first, Values(ViewMaker.Make(batch, recipe, 1, 2, 0, torch.CPU)));
        Assert.NotEqual(first, Values(ViewMaker.Make(batch, recipe, 1, 2, 1, torch.CPU)));
    }

    [Fact]
    public void Making_views_leaves_no_tensor_but_the_result()
    {
        var batch = Batch(sizes);
        ViewMaker.Make(batch, recipe, 1, 0, 0, torch.CPU).Dispose();
        Forgotten.Free();
        var before = torch.Tensor.TotalCount;
        for (var step = 0; step < 5; step++)
        {
            using var views = ViewMaker.Make(batch, recipe, 1, step, 0, torch.CPU);
            Assert.Equal(before + 1, torch.Tensor.TotalCount);
        }
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [SkippableFact]
    public void Views_come_from_a_real_store()
    {
        var images = SharedData.Folder("bccd");
        var store = ImageStore.Load(images, new() { Canvas = 64 });
        Assert.Equal((images.Count, 0), (store.Count, store.UnreadableCount));
        using var views = ViewMaker.Make(store, [0, 5, 9, store.Count - 1], ViewRecipe.CenterCrop(32), 0, 0, 0, torch.CPU);
        Assert.Equal([4, 3, 32, 32], views.shape);
    }
}
