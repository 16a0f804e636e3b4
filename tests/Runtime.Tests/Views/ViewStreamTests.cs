using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Tests.Training;
using DataSsl.Runtime.Views;
using TorchSharp;
using static DataSsl.Runtime.Tests.Views.ViewFixtures;

namespace DataSsl.Runtime.Tests.Views;

// Counts live tensors, so nothing may run beside it.
[Collection(SingleThread.Name)]
public sealed class ViewStreamTests : IDisposable
{
    private const int Images = 7;
    private static readonly ViewRecipe recipe = ViewRecipe.MoCoV2(24);
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
        using var stream = new ViewStream(Store(workers), recipe, 9, Indices, first: 2, end: 10, torch.CPU, ahead);
        for (var step = 2; step < 10; step++)
        {
            var pair = stream.Next();
            Assert.Equal([24 * 24 * 3, 1, 24 * 3, 3], pair.Keys.stride());
            Assert.Equal(Values(ViewMaker.Make(whole, Indices(step), recipe, 9, step, 0, torch.CPU)), Values(pair.Queries));
            Assert.Equal(Values(ViewMaker.Make(whole, Indices(step), recipe, 9, step, 1, torch.CPU)), Values(pair.Keys));
        }
        Assert.Throws<InvalidOperationException>(stream.Next);
    }

    [Fact]
    public void Ending_a_stream_frees_every_tensor_whatever_is_being_made()
    {
        var store = Store(workers: 2);
        new ViewStream(store, recipe, 0, Indices, 0, 100, torch.CPU, ahead: 2).Dispose();
        // What earlier tests forgot must not be freed while this one counts.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = torch.Tensor.TotalCount;
        for (var steps = 0; steps < 4; steps++)
        {
            var stream = new ViewStream(store, recipe, 0, Indices, 0, 100, torch.CPU, ahead: 2);
            for (var step = 0; step < steps; step++) stream.Next();
            stream.Dispose();
            Assert.Equal(before, torch.Tensor.TotalCount);
            Assert.Throws<ObjectDisposedException>(stream.Next);
        }
    }

    [Fact]
    public void A_file_that_vanishes_is_named_by_the_step_that_needs_it()
    {
        using var stream = new ViewStream(Store(workers: 2), recipe, 0, step => [(int)step], 0, 5, torch.CPU, ahead: 1);
        stream.Next();
        File.Delete(folder["3.png"]);
        stream.Next();
        stream.Next();
        Assert.Contains(folder["3.png"], Assert.Throws<UserException>(stream.Next).Message);
        Assert.Equal(1, stream.Next().Queries.shape[0]);
    }
}
