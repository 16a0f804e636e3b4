using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Tests.Training;
using DataSsl.Runtime.Views;
using DataSsl.Tests;
using TorchSharp;
using static DataSsl.Runtime.Tests.Views.ViewFixtures;

namespace DataSsl.Runtime.Tests.Views;

// Counts live tensors, so nothing may run beside it.
[Collection(SingleThread.Name)]
public sealed class ViewStreamTests : IDisposable
{
    private const int Images = 7;
    private static readonly ViewPlan plan = ViewPlan.MoCoV2(24);
    private readonly TemporaryFolder folder = new();

    public ViewStreamTests()
    {
        for (var i = 0; i < Images; i++) folder.Write($"{i}.png", Pictures.Encoded(Pictures.Waves(40 + 5 * i, 32 + i, i)));
    }

    public void Dispose() => folder.Dispose();

    /// <summary>The batches differ in their images and, once, in their length.</summary>
    private static int[] Indices(long step) => [.. Enumerable.Range(0, step == 5 ? 3 : 4).Select(i => (int)(step + i) % Images)];

    private ImageStore Store(int workers, long budget = 0) =>
        ImageStore.Load(ImageFolder.Open(folder.Path), new() { Canvas = 30, MemoryBudget = budget, Workers = workers });

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 4)]
    [InlineData(3, 2)]
    public void A_stream_gives_each_step_its_views_however_far_ahead_it_works(int ahead, int workers)
    {
        using var scope = torch.NewDisposeScope();
        var whole = Store(workers: 1, budget: long.MaxValue);
        using var stream = new ViewStream(Store(workers), plan, 9, Indices, first: 2, end: 10, torch.CPU, ahead);
        for (var step = 2; step < 10; step++)
        {
            var batch = stream.Next();
            Assert.Equal([24 * 24 * 3, 1, 24 * 3, 3], batch.Teacher(1).stride());
            Assert.Equal(
                Values(ViewMaker.Make(whole, Indices(step), ViewRecipe.MoCoV2(24), 9, step, 0, torch.CPU)), Values(batch.Student(0)));
            Assert.Equal(
                Values(ViewMaker.Make(whole, Indices(step), ViewRecipe.MoCoV2(24), 9, step, 1, torch.CPU)), Values(batch.Teacher(1)));
        }
        Assert.Throws<InvalidOperationException>(stream.Next);
    }

    [Theory]
    [InlineData("multi-crop")]
    [InlineData("byol")]
    [InlineData("simclr")]
    [InlineData("moco-v2")]
    public void Dealt_images_give_each_network_its_views_of_its_own_and_no_others(string name)
    {
        using var scope = torch.NewDisposeScope();
        var (crops, store) = (ViewPlan.Named(name, 24), Store(workers: 2));
        using var stream = new ViewStream(store, crops, 9, Indices, 0, 6, torch.CPU, ahead: 1, keys: Keys);
        for (var step = 0; step < 6; step++)
        {
            var batch = stream.Next();
            Assert.Equal(crops.Views.Sum(view => view.Roles == (ViewRoles.Student | ViewRoles.Teacher) ? 2 : 1), batch.Tensors.Count);
            for (var view = 0; view < crops.Views.Count; view++)
            {
                if (crops.Views[view].Roles.HasFlag(ViewRoles.Student))
                    Assert.Equal(Wanted(Indices(step), step, view), Values(batch.Student(view)));
                else Assert.Throws<ArgumentException>(() => batch.Student(view));
                if (crops.Views[view].Roles.HasFlag(ViewRoles.Teacher))
                    Assert.Equal(Wanted(Keys(step), step, view), Values(batch.Teacher(view)));
                else Assert.Throws<ArgumentException>(() => batch.Teacher(view));
            }
        }

        // One image is the same for both networks, at the same place.
        static int[] Keys(long step) => [.. Indices(step).Select((image, i) => i == 1 ? image : (image + 3) % Images)];

        float[] Wanted(int[] images, long step, int view) =>
            Values(ViewMaker.Make(store, images, crops.Views[view].Recipe, 9, step, view, torch.CPU));
    }

    [Fact]
    public void Views_of_several_sizes_share_their_tensors_and_their_memory_is_used_again()
    {
        var (crops, store) = (ViewPlan.MultiCrop(24), Store(workers: 2));
        Forgotten.Free();
        var before = torch.Tensor.TotalCount;
        using (var stream = new ViewStream(store, crops, 9, step => Indices(step % 2), 0, 12, torch.CPU, ahead: 1))
        {
            var seen = new HashSet<torch.Tensor>(ReferenceEqualityComparer.Instance);
            for (var step = 0; step < 12; step++)
            {
                var batch = stream.Next();
                Assert.Same(batch.Student(0), batch.Teacher(0));
                Assert.Equal([4, 3, 12, 12], batch.Student(7).shape);
                Assert.Equal([12 * 12 * 3, 1, 12 * 3, 3], batch.Student(7).stride());
                Assert.Equal(4 * 3 * crops.Pixels, batch.Tensors.Sum(tensor => tensor.numel()));
                seen.UnionWith(batch.Tensors);
            }
            Assert.Equal(2 * 8, seen.Count);
        }
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Views_made_for_a_device_are_the_same_plan()
    {
        using var scope = torch.NewDisposeScope();
        var store = Store(workers: 1);
        var wanted = ViewMaker.MakeBatch(store, [1, 4], ViewPlan.Byol(24), 9, 3, torch.CPU, keys: [4, 2]);
        // The executor of accelerators, on this device.
        var made = ViewMaker.MakeParts(wanted.Parts, store, [[1, 4], [1, 4], [4, 2], [4, 2]], ViewPlan.Byol(24), 9, 3, torch.CPU, default);
        for (var view = 0; view < 2; view++)
        {
            AssertClose(Values(wanted.Student(view)), Values(made.Student(view)), 1e-5);
            AssertClose(Values(wanted.Teacher(view)), Values(made.Teacher(view)), 1e-5);
        }
        wanted.Dispose();
        made.Dispose();
    }

    [Fact]
    public void Ending_a_stream_frees_every_tensor_whatever_is_being_made()
    {
        var store = Store(workers: 2);
        new ViewStream(store, plan, 0, Indices, 0, 100, torch.CPU, ahead: 2).Dispose();
        Forgotten.Free();
        var before = torch.Tensor.TotalCount;
        for (var steps = 0; steps < 4; steps++)
        {
            var stream = new ViewStream(store, plan, 0, Indices, 0, 100, torch.CPU, ahead: 2);
            for (var step = 0; step < steps; step++) stream.Next();
            stream.Dispose();
            Assert.Equal(before, torch.Tensor.TotalCount);
            Assert.Throws<ObjectDisposedException>(stream.Next);
        }
    }

    [Fact]
    public void A_file_that_vanishes_is_named_by_the_step_that_needs_it()
    {
        using var stream = new ViewStream(Store(workers: 2), plan, 0, step => [(int)step], 0, 5, torch.CPU, ahead: 1);
        stream.Next();
        File.Delete(folder["3.png"]);
        stream.Next();
        stream.Next();
        Assert.Contains(folder["3.png"], Assert.Throws<UserException>(stream.Next).Message);
        Assert.Equal(1, stream.Next().Student(0).shape[0]);
    }
}
