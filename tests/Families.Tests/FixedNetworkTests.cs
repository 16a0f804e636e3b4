using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Families.Tests;

/// <summary>A single network (<c>--arch</c>) is the supernet's slice, in training too.</summary>
public sealed class FixedNetworkTests
{
    private const int Images = 8;

    public static TheoryData<string> Spaces => [.. SmallSpaces.Handwritten.Select(space => space.Name)];

    /// <summary>SimCLR has no teacher, so any architecture can be compared with itself in the supernet.</summary>
    [Theory, MemberData(nameof(Spaces))]
    public void A_step_is_that_of_the_supernet_whose_only_student_it_is(string name)
    {
        var space = SmallSpaces.Named(name);
        foreach (var architecture in SmallSpaces.Draws(space, 1)) StepsAreEqual(space, new SimClrOptions(8, 16), architecture);
    }

    /// <summary>The supernet's teacher runs the largest architecture, so that is the one whose teacher is the same.</summary>
    [Theory, MemberData(nameof(Spaces))]
    public void With_a_teacher_too(string name) =>
        StepsAreEqual(SmallSpaces.Named(name), new MoCoOptions(8, 16, 2 * Images), SmallSpaces.Named(name).Max);

    [Theory, MemberData(nameof(Spaces))]
    public void Student_and_teacher_hold_the_weights_of_the_architecture_alone(string name)
    {
        using var scope = NewDisposeScope();
        var space = SmallSpaces.Named(name);
        foreach (var architecture in SmallSpaces.Draws(space, 1))
        {
            using var networks = new NetworkPair(
                space, new MoCoOptions(8, 16).Heads(), hasTeacher: true, CPU, ScalarType.Float32, trainable: true, architecture);
            foreach (var store in new[] { networks.StudentWeights, networks.TeacherWeights })
                Assert.Equal(
                    space.Parameters(architecture),
                    store.Slots.Where(slot => !slot.Key.StartsWith("neck.", StringComparison.Ordinal)).Sum(slot => slot.Count));
        }
    }

    private static void StepsAreEqual(SearchSpace space, ObjectiveOptions objective, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        // The update is the gradient.
        var method = new Method(objective, new(OptimizerKind.Sgd, WeightDecay: 0, Momentum: 0), objective.Plan(space.InputSize));
        using var supernet = new Pretraining(space, method, CPU, ScalarType.Float32, seed: 1);
        using var alone = new Pretraining(space, method with { Architecture = architecture.ToString() }, CPU, ScalarType.Float32, seed: 1);
        TakeSlices(supernet, alone);
        var before = alone.Networks.StudentWeights.Slots.ToDictionary(slot => slot.Key, slot => slot.Full().clone());

        var losses = new[] { supernet, alone }.Select(model =>
        {
            using var views = Views(method.Views, space);
            return model.Step(views, [architecture], new(0, 10, 1), rate: 1);
        }).ToArray();

        Assert.Equal(losses[0].item<float>(), losses[1].item<float>(), 1e-5);
        var whole = Math.Sqrt(alone.Networks.StudentWeights.Slots.Sum(slot => Math.Pow(Norm(slot.Full() - before[slot.Key]), 2)));
        foreach (var slot in alone.Networks.StudentWeights.Slots)
        {
            var (slice, start) = (Slot(supernet.Networks.StudentWeights, slot.Key).SliceOf(slot.Shape), before[slot.Key]);
            var difference = Norm((slice - start) - (slot.Full() - start));
            Assert.True(
                difference <= 1e-4 * Norm(slot.Full() - start) + 1e-6 * (whole + Norm(start)),
                $"{architecture}: {slot.Key} differs by {difference:g3}");
        }
    }

    /// <summary>Gives the supernet noise and the single network its slices, in student and teacher.</summary>
    private static void TakeSlices(Pretraining supernet, Pretraining alone)
    {
        using var grad = no_grad();
        using var random = new TorchSharp.torch.Generator(11);
        foreach (var (whole, own) in
            new[]
            {
                (supernet.Networks.StudentWeights, alone.Networks.StudentWeights),
                (supernet.Networks.TeacherWeights, alone.Networks.TeacherWeights),
            })
        {
            foreach (var slot in whole.Slots) slot.Full().add_(randn(slot.Shape, generator: random).mul_(0.1));
            foreach (var slot in own.Slots) slot.Full().copy_(Slot(whole, slot.Key).SliceOf(slot.Shape));
        }
    }

    private static ParameterSlot Slot(ParameterStore store, string key) => store.Slots.Single(slot => slot.Key == key);

    private static ViewBatch Views(ViewPlan plan, SearchSpace space)
    {
        using var random = new TorchSharp.torch.Generator(7);
        return ViewBatch.Of(
            plan,
            [
                .. plan.Views.Select(
                    view =>
                        randn([Images, space.InputChannels, view.Recipe.Size, view.Recipe.Size], generator: random)
                            .DetachFromDisposeScope()),
            ]);
    }

    private static double Norm(Tensor tensor) => tensor.to(ScalarType.Float64).norm().item<double>();
}
