using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Objectives;

/// <summary>Every objective at a size that takes milliseconds a step.</summary>
internal static class TinyObjectives
{
    public static readonly IReadOnlyDictionary<string, Method> All = new[]
    {
        new Method(new MoCoOptions(16, 24, 24, TeacherMomentum: 0.9), new(OptimizerKind.Sgd, 0.01, DecayVectors: true), ViewPlan.MoCoV2(32)),
        new Method(new SimClrOptions(16, 24, 0.5), new(OptimizerKind.Lars, 0.01), ViewPlan.SimClr(32)),
        new Method(new ByolOptions(16, 24, 0.9), new(OptimizerKind.Lars, 0.01), ViewPlan.Byol(32)),
        new Method(new ReSslOptions(16, 24, 24, TeacherMomentum: 0.9), new(OptimizerKind.Sgd, 0.01), ViewPlan.ReSsl(32)),
        new Method(new DenseClOptions(16, 24, 24, DenseWeight: 0.4, TeacherMomentum: 0.9), new(OptimizerKind.Sgd, 0.01, DecayVectors: true), ViewPlan.MoCoV2(32)),
        // The queues fill from the second step on and are used from the third; the prototypes move from the third.
        new Method(new SwavOptions(16, 24, 12, FreezeEpochs: 2, QueueLength: 8, QueueStartEpoch: 1), new(OptimizerKind.Lars, 0.01), Crops),
        new Method(
            new DinoOptions(16, 24, 12, WarmTeacherTemperature: 0.05, TeacherTemperature: 0.08, WarmEpochs: 3, FreezeEpochs: 2, TeacherMomentum: 0.9),
            new(OptimizerKind.Sgd, 0.01, FinalWeightDecay: 0.1), Crops),
    }.ToDictionary(method => method.Objective.Name);

    public static TheoryData<string> Names => [.. All.Keys];

    /// <summary>Two global and two local views.</summary>
    private static ViewPlan Crops
    {
        get
        {
            var plan = ViewPlan.LowComputeCnn(32);
            return plan with { Name = "crops", Views = [.. plan.Views.Take(4)], Terms = [.. plan.Terms.Where(term => term.Prediction < 4).Select(term => term with { Weight = term.Prediction < 2 ? 0.2 : 0.15 })] };
        }
    }

    /// <summary>One step is an epoch, and the run is of twenty.</summary>
    public static RunPosition At(long step) => new(step, 20, 1);

    /// <summary>The views of a plan: noise.</summary>
    public static ViewBatch Views(ViewPlan plan, long step)
    {
        using var generator = new Generator((ulong)(100 + step));
        return ViewBatch.Of(plan, [.. plan.Views.Select(view =>
        {
            using var scope = NewDisposeScope();
            return randn([TinyModel.Batch, view.Recipe.Size, view.Recipe.Size, 3], generator: generator).permute(0, 3, 1, 2).DetachFromDisposeScope();
        })]);
    }

    /// <summary>Some steps from the seed's weights, moved off their initial values.</summary>
    public static Tensor[] Run(Pretraining model, Method method, int from, int to, double rate) => [.. Enumerable.Range(from, to - from).Select(step =>
    {
        using var views = Views(method.Views, step);
        return model.Step(views, TinyModel.Architectures(method, step), At(step), rate);
    })];
}
