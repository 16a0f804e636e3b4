using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>Groups of the batch in the place of devices: each has batch statistics of its own, and no query's group is its key's.</summary>
public sealed class NormGroupTests
{
    private static readonly Method grouped = TinyModel.Method with { NormGroups = 2 };

    [Fact]
    public void Keys_come_from_every_nth_image_and_losses_from_neighbours()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(grouped);
        var (queries, keys) = TinyModel.Views(0);
        var architectures = TinyModel.Architectures(grouped, 0);

        var expected = new float[architectures.Length];
        var expectedKeys = zeros(TinyModel.Batch, TinyModel.Objective.Dimension);
        using (no_grad())
        {
            var networks = model.Networks;
            foreach (var first in new[] { 0L, 1L })
            {
                var members = tensor(new[] { first, first + 2 });
                expectedKeys.index_copy_(
                    0, members, networks.TeacherHead.forward(networks.Teacher.Embed(keys.index_select(0, members), networks.Space.Max)));
            }
            for (var i = 0; i < expected.Length; i++)
            {
                foreach (var start in new[] { 0L, 2L })
                {
                    var z = networks.StudentHead.forward(networks.Student.Embed(queries.narrow(0, start, 2), architectures[i]));
                    expected[i] += InfoNce.Of(
                        z, expectedKeys.narrow(0, start, 2), model.Queues[0].Queue.Keys,
                        TinyModel.Objective.Temperature).Loss.item<float>() / 2;
                }
            }
        }
        var losses = model.Step(TinyModel.Batched(queries, keys), architectures, TinyModel.At(0), 0.01);
        Close.To(tensor(expected), losses, 1e-5, "losses");
        Close.To(expectedKeys.t(), model.Queues[0].Queue.Keys.narrow(1, 0, TinyModel.Batch), 1e-5, "enqueued keys");
    }

    [Fact]
    public void Groups_have_statistics_of_their_own()
    {
        using var scope = NewDisposeScope();
        var (queries, keys) = TinyModel.Views(0);
        using var whole = TinyModel.Create(TinyModel.Method);
        using var split = TinyModel.Create(grouped);
        var architectures = TinyModel.Architectures(grouped, 0);
        var difference = whole.Step(TinyModel.Batched(queries, keys), architectures, TinyModel.At(0), 0.01)
            - split.Step(TinyModel.Batched(queries, keys), architectures, TinyModel.At(0), 0.01);
        Assert.True(difference.abs().max().item<float>() > 1e-4, "groups have statistics of their own");
    }
}
