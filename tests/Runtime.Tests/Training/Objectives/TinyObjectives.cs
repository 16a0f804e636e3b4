using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Objectives;

/// <summary>Every objective at a size that takes milliseconds a step.</summary>
internal static class TinyObjectives
{
    /// <summary>Images a step: BatchNorm of a head over few vectors magnifies rounding.</summary>
    public const int Images = 16;

    /// <summary>The side of a global view. Every ReLU's input is a chance to fall on the other side of 0 by rounding.</summary>
    private const int Size = 8;

    /// <summary>A network between the smallest and the largest.</summary>
    private const string Middle = "Half";

    public static readonly IReadOnlyDictionary<string, Method> All = new[]
    {
        new Method(
            new MoCoOptions(16, 24, 3 * Images, TeacherMomentum: 0.9), new(OptimizerKind.Sgd, 0.01, DecayVectors: true),
            ViewPlan.MoCoV2(Size)),
        new Method(new SimClrOptions(16, 24, 0.5), new(OptimizerKind.Lars, 0.01), ViewPlan.SimClr(Size)),
        new Method(new ByolOptions(16, 24, 0.9), new(OptimizerKind.Lars, 0.01), ViewPlan.Byol(Size)),
        new Method(new ReSslOptions(16, 24, 3 * Images, TeacherMomentum: 0.9), new(OptimizerKind.Sgd, 0.01), ViewPlan.ReSsl(Size)),
        new Method(
            new DenseClOptions(16, 24, 3 * Images, DenseWeight: 0.4, TeacherMomentum: 0.9),
            new(OptimizerKind.Sgd, 0.01, DecayVectors: true), ViewPlan.MoCoV2(Size)),
        // The queues fill from the second step on and are used from the fourth; the prototypes move from the third.
        new Method(
            new SwavOptions(16, 24, 12, FreezeEpochs: 2, QueueLength: 2 * Images, QueueStartEpoch: 1), new(OptimizerKind.Lars, 0.01),
            Crops),
        new Method(
            new DinoOptions(
                16, 24, 12, WarmTeacherTemperature: 0.05, TeacherTemperature: 0.08, WarmEpochs: 3, FreezeEpochs: 2, TeacherMomentum: 0.9),
            new(OptimizerKind.Sgd, 0.01, FinalWeightDecay: 0.1), Crops),
        new Method(
            new DistillOptions(TinyTeacher.Length, 24, 3 * Images, SpatialWeight: 0.7), new(OptimizerKind.Sgd, 0.01),
            ViewPlan.CropFlip(Size)),
        new Method(
            new DistillOptions(
                TinyTeacher.Length, 24, Loss: TeacherLoss.Cosine, Beside: new MoCoOptions(16, 24, 3 * Images, TeacherMomentum: 0.9),
                Weight: 0.6),
            new(OptimizerKind.Sgd, 0.01, DecayVectors: true), ViewPlan.MoCoV2(Size)),
    }.Select(method => (method.Objective.Name, method)).Concat(Sslight).Append(Unfixed).ToDictionary();

    /// <summary>DATA's ablation: the teacher has the architecture of each student.</summary>
    private static (string Name, Method Method) Unfixed => ("moco-v2-unfixed", new(
        new MoCoOptions(16, 24, 3 * Images, TeacherMomentum: 0.9), new(OptimizerKind.Sgd, 0.01, DecayVectors: true),
        ViewPlan.MoCoV2(Size), TeacherArchitecture: TeacherArchitecture.Student));

    /// <summary>The methods that SSLight was published with, over its plans as they are: two global and six local views.</summary>
    private static IEnumerable<(string Name, Method Method)> Sslight =>
    [
        ("sslight-moco", new(
            new MoCoOptions(16, 24, 3 * Images, TeacherMomentum: 0.9), new(OptimizerKind.Lars, 0.01),
            ViewPlan.SslightMoCo(SslightCrops.Cnn, Size))),
        ("sslight-swav", new(
            new SwavOptions(16, 24, 12, FreezeEpochs: 2, QueueLength: 2 * Images, QueueStartEpoch: 1), new(OptimizerKind.Lars, 0.01),
            ViewPlan.SslightSwav(SslightCrops.Cnn, Size))),
        ("sslight-dino", new(
            new DinoOptions(
                16, 24, 12, WarmTeacherTemperature: 0.04, TeacherTemperature: 0.07, WarmEpochs: 3, FreezeEpochs: 2, TeacherMomentum: 0.9,
                LearnsGain: true),
            new(OptimizerKind.Lars, 0.01), ViewPlan.SslightDino(SslightCrops.Cnn, Size))),
    ];

    /// <summary>Their names.</summary>
    public static TheoryData<string> Names => [.. All.Keys];

    /// <summary>The same for one architecture.</summary>
    public static Method Fixed(string name) => All[name].OfOne(Tiny.Space.Parse(Middle));

    /// <summary>Two global and two local views.</summary>
    private static ViewPlan Crops
    {
        get
        {
            var plan = ViewPlan.SslightDino(SslightCrops.Cnn, Size);
            return plan with
            {
                Name = "crops",
                Views = [.. plan.Views.Take(4)],
                Terms =
                [
                    .. plan.Terms.Where(term => term.Prediction < 4)
                        .Select(term => term with { Weight = term.Prediction < 2 ? 0.2 : 0.15 }),
                ],
            };
        }
    }

    /// <summary>One step is an epoch, and the run is of twenty.</summary>
    public static RunPosition At(long step) => new(step, 20, 1);

    /// <summary>The views of a plan, [N, 3, S, S] each: noise with channels-last strides.</summary>
    public static Tensor[] Views(ViewPlan plan, long step)
    {
        using var generator = new Generator((ulong)(100 + step));
        return [.. plan.Views.Select(view =>
        {
            using var scope = NewDisposeScope();
            return randn([Images, view.Recipe.Size, view.Recipe.Size, 3], generator: generator).permute(0, 3, 1, 2)
                .MoveToOuterDisposeScope();
        })];
    }

    /// <summary>What a foreign teacher says of each view that the student sees: noise.</summary>
    private static IEnumerable<ForeignOutput?> Foreign(Method method, long step)
    {
        using var generator = new Generator((ulong)(200 + step));
        return method.Views.Views.Select(view => !view.Roles.HasFlag(ViewRoles.Student) ? null
            : new ForeignOutput(
                    nn.functional.normalize(randn([Images, TinyTeacher.Length], generator: generator), dim: 1),
                    randn([Images, 10, 3, 3], generator: generator)))
                .ToList();
    }

    private static ForeignOutput Some(ForeignOutput whole, int[] places)
    {
        var rows = tensor(places.Select(place => (long)place).ToArray());
        return new(whole.Z.index_select(0, rows), whole.Map!.index_select(0, rows));
    }

    /// <summary>One step with these views, of which a process takes its part, from any state.</summary>
    /// <returns>The losses.</returns>
    public static Tensor Step(Pretraining model, Method method, int step, double rate)
    {
        int[] places = [.. Enumerable.Range(0, Images)];
        using var scope = NewDisposeScope();
        var whole = Views(method.Views, step);
        var parts = ViewPart.Of(method.Views, dealt: model.Deal.Processes is not null);
        var foreign = method.Objective.HasForeignTeacher
            ? Foreign(method, step).Select(said => said is null ? null : Some(said, model.Deal.Queries(places))).ToList()
            : null;
        using var views = new ViewBatch(
            method.Views, parts,
            [
                .. parts.Select(
                    part =>
                        Of(whole[part.View], part.Roles.HasFlag(ViewRoles.Student) ? model.Deal.Queries(places) : model.Deal.Keys(places))),
            ]);
        return model.Step(views, TinyModel.Architectures(method, step), At(step), rate, foreign).MoveToOuterDisposeScope();

        static Tensor Of(Tensor view, int[] some) =>
            MemoryFormat.ChannelsLast(view.index_select(0, tensor(some.Select(place => (long)place).ToArray()))).DetachFromDisposeScope();
    }
}
