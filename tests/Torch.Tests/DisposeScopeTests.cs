using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Torch.Tests;

/// <summary>Who frees what. Collection-free counting needs quiet neighbours, hence the collection.</summary>
[Collection(nameof(LiveCount))]
public class DisposeScopeTests
{
    /// <summary>What earlier tests forgot must not be freed while these count.</summary>
    public DisposeScopeTests()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [Fact]
    public void A_scope_frees_what_was_made_in_it()
    {
        var outside = ones(2);
        Tensor inside, kept;
        using (var scope = NewDisposeScope())
        {
            inside = outside + 1;
            kept = (outside * 2).MoveToOuterDisposeScope();
            Assert.Equal(1, scope.DisposablesCount);
            Assert.True(scope.Contains(inside));
        }
        Assert.True(inside.IsInvalid);
        Assert.False(kept.IsInvalid);
        Assert.False(outside.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => inside + 1);
    }

    [Fact]
    public void Moving_out_goes_one_scope_up()
    {
        Tensor moved;
        using (NewDisposeScope())
        {
            using (NewDisposeScope())
                moved = ones(1).MoveToOuterDisposeScope();
            Assert.False(moved.IsInvalid);
        }
        Assert.True(moved.IsInvalid);
    }

    [Fact]
    public void Detached_tensors_outlive_every_scope_and_attached_ones_do_not()
    {
        Tensor detached, attached = ones(1);
        using (var scope = NewDisposeScope())
        {
            detached = ones(1).DetachFromDisposeScope();
            scope.Attach(attached);
        }
        Assert.False(detached.IsInvalid);
        Assert.True(attached.IsInvalid);
    }

    [Fact]
    public void Tensors_move_between_scopes_by_example()
    {
        using var outer = NewDisposeScope();
        var sample = ones(1);
        Tensor moved;
        using (NewDisposeScope())
            moved = ones(1).MoveToOtherDisposeScope(sample);
        Assert.False(moved.IsInvalid);
        Assert.True(outer.Contains(moved));
    }

    [Fact]
    public void DisposeEverythingBut_keeps_what_it_is_given()
    {
        using var scope = NewDisposeScope();
        var (a, b, c) = (ones(1), ones(1), ones(1));
        Assert.Same(b, scope.DisposeEverythingBut(b));
        Assert.True(a.IsInvalid && c.IsInvalid);
        Assert.Equal([b], scope.DisposablesView);
    }

    [Fact]
    public void A_scope_that_ends_out_of_order_leaves_the_stack_whole()
    {
        var outer = NewDisposeScope();
        using var inner = NewDisposeScope();
        outer.Dispose();
        Assert.Same(inner, CurrentDisposeScope);
        inner.Dispose();
        Assert.Null(CurrentDisposeScope);
    }

    [Fact]
    public void A_disposed_tensor_leaves_its_scope()
    {
        using var scope = NewDisposeScope();
        var tensors = Enumerable.Range(0, 10).Select(_ => ones(1)).ToArray();
        tensors[3].Dispose();
        tensors[9].Dispose();
        Assert.Equal(8, scope.DisposablesCount);
        Assert.Equal(8, scope.DisposablesView.Distinct().Count());
    }

    [Fact]
    public void Scopes_belong_to_their_thread()
    {
        using var scope = NewDisposeScope();
        Tensor? made = null;
        var thread = new Thread(() =>
        {
            Assert.Null(CurrentDisposeScope);
            made = ones(3) + 1;
        });
        thread.Start();
        thread.Join();
        Assert.Equal(0, scope.DisposablesCount);
        Assert.Equal(6, made!.sum().ToDouble());
    }

    [Fact]
    public void Worker_threads_compute_and_free_at_the_same_time()
    {
        var before = LiveTensors.Count;
        Parallel.For(0, 64, _ =>
        {
            using var scope = NewDisposeScope();
            var a = ones(32, 32);
            Assert.Equal(32 * 32 * 32, a.matmul(a).sum().ToDouble());
        });
        Assert.Equal(before, LiveTensors.Count);
    }

    [Fact]
    public void A_training_loop_holds_no_more_after_a_hundred_steps_than_after_one()
    {
        using var net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1));
        using var x = randn(16, 4);
        long afterFirst = 0;
        for (var step = 0; step < 100; step++)
        {
            using var scope = NewDisposeScope();
            net.zero_grad();
            net.call(x).square().mean().backward();
            using (no_grad())
            {
                foreach (var parameter in net.parameters())
                    parameter.sub_(parameter.grad! * 0.01);
            }
            scope.Dispose();
            if (step == 0)
                afterFirst = LiveTensors.Count;
        }
        Assert.Equal(afterFirst, LiveTensors.Count);
    }

    [Fact]
    public void Forgotten_tensors_are_freed_by_the_collector()
    {
        var before = LiveTensors.Count;
        Forget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.True(LiveTensors.Count <= before, $"{LiveTensors.Count} live, {before} before");

        static void Forget()
        {
            for (var k = 0; k < 100; k++)
                ones(10);
        }
    }
}

/// <summary>Tests that count live tensors run alone.</summary>
[CollectionDefinition(nameof(LiveCount), DisableParallelization = true)]
public class LiveCount;
