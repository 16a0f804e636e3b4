using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Tests;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Objectives;

/// <summary>A long run holds as much at its end as at its beginning.</summary>
[Collection(SingleThread.Name)]
public sealed class ObjectiveLoopTests
{
    public ObjectiveLoopTests() => Forgotten.Free();

    [Theory]
    [MemberData(nameof(ObjectiveReference.Cases), MemberType = typeof(ObjectiveReference))]
    public void Fifty_steps_hold_no_more_tensors_than_five(string name, bool isFixed)
    {
        var method = ObjectiveReference.Method(name, isFixed);
        var before = LiveTensors.Count;
        using (var model = TinyModel.Create(method))
        {
            Step(model, method, 0, 5);
            var early = LiveTensors.Count;
            Step(model, method, 5, 50);
            Assert.Equal(early, LiveTensors.Count);
        }
        Assert.Equal(before, LiveTensors.Count);
    }

    /// <summary>Handles of tensors, scopes and lists: what the collector frees in its youngest generation.</summary>
    [Fact]
    public void A_step_allocates_the_same_few_managed_bytes_from_first_to_last()
    {
        var method = TinyObjectives.Fixed(MoCoOptions.Id);
        using var model = TinyModel.Create(method);
        Step(model, method, 0, 5);
        // Other threads (the test runner's, the compiler's) allocate now and then: the least of some tries is the step's own.
        var (some, more) = (Enumerable.Range(0, 3).Min(_ => Allocated(10)), Enumerable.Range(0, 3).Min(_ => Allocated(20)));
        Assert.InRange(more / some, 1.9, 2.1);
        Assert.InRange(some / 10, 1, 256 * 1024);

        double Allocated(int steps)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            Step(model, method, 5, 5 + steps);
            return GC.GetTotalAllocatedBytes(precise: true) - before;
        }
    }

    private static void Step(Pretraining model, Method method, int from, int to)
    {
        for (var step = from; step < to; step++) TinyObjectives.Step(model, method, step % 20, rate: 0.01).Dispose();
    }
}
