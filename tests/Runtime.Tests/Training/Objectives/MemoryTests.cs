using DataSsl.Runtime.Training.Objectives;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Objectives;

/// <summary>What losses find in the queues.</summary>
public sealed class MemoryTests
{
    [Theory]
    [InlineData(MoCoOptions.Id)]
    [InlineData(ReSslOptions.Id)]
    [InlineData(DenseClOptions.Id)]
    [InlineData(SwavOptions.Id)]
    public void No_queue_holds_a_key_of_the_step_while_its_losses_are_computed(string name)
    {
        using var scope = NewDisposeScope();
        var watched = new WatchedOptions(TinyObjectives.All[name].Objective);
        var method = TinyObjectives.All[name] with { Objective = watched };
        using var model = TinyModel.Create(method);
        watched.Losing = part =>
        {
            foreach (var output in part.Students.Concat(part.Teachers).OfType<ViewOutput>())
                Assert.All(model.Queues, entry => Assert.False(Holds(entry.Queue, output)));
        };
        // Afterwards each does, so the question above is not idle.
        watched.Remembering = (targets, step) =>
        {
            if (step >= 1)
                Assert.All(model.Queues, entry => Assert.Contains(targets.OfType<ViewOutput>(), output => Holds(entry.Queue, output)));
        };
        for (var step = 0; step < 4; step++) TinyObjectives.Step(model, method, step, rate: 0.01);
        Assert.Equal(4 * 3, watched.Losses);
        Assert.Equal(4, watched.Remembered);
    }

    [Fact]
    public void ReSsl_has_no_positive_logit_and_MoCo_has_one()
    {
        using var scope = NewDisposeScope();
        // Keys in a plane: what student and teacher share at right angles to it shows only where they are compared with one another.
        using var queue = new KeyQueue(3, 4, seed: 1, CPU);
        queue.Keys[2].zero_();
        using var other = new KeyQueue(3, 4, seed: 1, CPU);
        other.Keys.copy_(queue.Keys);
        using var reSsl = new ReSsl(new(), queue);
        using var moCo = new MoCo(new(), other);
        var student = tensor(new[] { 0.3f, 0.4f, 0.5f }).unsqueeze(0);
        var (near, far) = (tensor(new[] { 0.6f, -0.2f, 0.7f }).unsqueeze(0), tensor(new[] { 0.6f, -0.2f, -0.7f }).unsqueeze(0));

        Assert.Equal(Loss(reSsl, near).Value, Loss(reSsl, far).Value);
        Assert.Equal(0, Loss(reSsl, near).OffPlane);
        Assert.True(Loss(moCo, near).Value < Loss(moCo, far).Value - 1);
        Assert.True(Loss(moCo, near).OffPlane < -1);

        (float Value, float OffPlane) Loss(Objective objective, Tensor key)
        {
            var query = student.clone().requires_grad_();
            var loss = objective.Loss(new([new(0, 0, 1)], [new(query)], [new(key)]), TinyObjectives.At(0));
            loss.backward();
            return (loss.item<float>(), query.grad![0, 2].item<float>());
        }
    }

    /// <summary>Whether a queue holds any z, or pooled z, to the bit.</summary>
    private static bool Holds(KeyQueue queue, ViewOutput output)
    {
        using var scope = NewDisposeScope();
        return new[] { output.Z, output.Pooled }.OfType<Tensor>()
            .Any(keys => keys.detach().unsqueeze(2).eq(queue.Keys.unsqueeze(0)).all(1).any().item<bool>());
    }
}
