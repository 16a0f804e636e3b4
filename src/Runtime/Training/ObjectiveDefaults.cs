using DataSsl.Runtime.Training.Objectives;

namespace DataSsl.Runtime.Training;

/// <summary>The settings of each objective's paper or released code, brought to the size of a run: fewer channels, images and epochs than ImageNet and ResNet50 have.</summary>
/// <param name="Batch">Images a step.</param>
/// <param name="Epochs">Of the run.</param>
/// <param name="Images">In an epoch.</param>
/// <param name="Channels">Of the embedding; ResNet50's has 2,048.</param>
/// <param name="IsTransformer">Whether the network is one: DINO trains them with AdamW and without BatchNorm.</param>
/// <param name="Teacher">Length of a foreign teacher's embedding; null where there is none.</param>
public sealed record ObjectiveDefaults(int Batch, int Epochs, int Images, int Channels, bool IsTransformer, int? Teacher = null)
{
    /// <summary>The objectives, by the name that <see cref="Objective"/> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = [MoCoOptions.Id, SimClrOptions.Id, ByolOptions.Id, ReSslOptions.Id, DenseClOptions.Id, SwavOptions.Id, DinoOptions.Id, DistillOptions.Id];

    /// <summary>Heads in proportion to the embedding, queues of at most a quarter of the images (a longer one would hold an image's own earlier keys), a prototype for 16 images or more.</summary>
    /// <exception cref="UserException">No objective has the name.</exception>
    public ObjectiveOptions Objective(string name) => name switch
    {
        MoCoOptions.Id => Of(new MoCoOptions(), o => o with { Hidden = Heads(o.Hidden), QueueLength = Queue(o.QueueLength), TeacherMomentum = Momentum(o.TeacherMomentum) }),
        SimClrOptions.Id => Of(new SimClrOptions(), o => o with { Hidden = Heads(o.Hidden) }),
        ByolOptions.Id => Of(new ByolOptions(), o => o with { Hidden = Heads(o.Hidden), TeacherMomentum = Epochs <= 40 ? 0.97 : Epochs <= 300 ? 0.99 : 0.996 }),
        ReSslOptions.Id => Of(new ReSslOptions(), o => o with { Hidden = Heads(o.Hidden), QueueLength = Queue(o.QueueLength) }),
        DenseClOptions.Id => Of(new DenseClOptions(), o => o with { Hidden = Heads(o.Hidden), QueueLength = Queue(o.QueueLength), TeacherMomentum = Momentum(o.TeacherMomentum) }),
        SwavOptions.Id => Of(new SwavOptions(), o => o with { Hidden = Heads(o.Hidden), Prototypes = Prototypes(o.Prototypes), QueueLength = Batch <= 256 ? 15 * Batch : 0 }),
        DinoOptions.Id => Of(new DinoOptions(), o => o with { Hidden = Heads(o.Hidden), Prototypes = Prototypes(o.Prototypes), HiddenNorm = !IsTransformer }),
        DistillOptions.Id => Teacher is { } dimension ? Distill(dimension) : throw new UserException($"--objective {name}: learns from a network that is there already; give it with --teacher"),
        _ => throw new UserException($"--objective {name}: give {string.Join(", ", Names)}"),
    };

    /// <summary>The optimizer, the learning rate at the start and the end of the cosine, and the epochs of warm-up.</summary>
    public (OptimizerOptions Optimizer, double Rate, double FinalRate, double WarmupEpochs) Optimizer(ObjectiveOptions objective) => objective switch
    {
        DistillOptions { Beside: { } own } => Optimizer(own),
        DistillOptions when IsTransformer => (new(OptimizerKind.AdamW, 0.05, Clip: 3), 5e-4 * Linear, Math.Min(1e-6, 5e-4 * Linear), Warmup(10)),
        DistillOptions => (new(OptimizerKind.Sgd, 1e-4), Short(Short(0.03)) * Linear, 0, 0),
        MoCoOptions or DenseClOptions => (new(OptimizerKind.Sgd, 1e-4, DecayVectors: true), Short(0.03) * Linear, 0, 0),
        ReSslOptions => (new(OptimizerKind.Sgd, 1e-4), Short(0.05) * Linear, 0, Warmup(5)),
        SimClrOptions => (new(OptimizerKind.Lars, 1e-4), 0.075 * Math.Sqrt(Batch), 0, Warmup(10)),
        ByolOptions => (new(OptimizerKind.Lars, Epochs > 300 ? 1.5e-6 : 1e-6), Short(Epochs <= 100 ? 0.45 : Epochs <= 300 ? 0.3 : 0.2) * Linear, 0, Warmup(10)),
        SwavOptions => (new(OptimizerKind.Lars, 1e-6), (Batch <= 256 ? 0.6 : 0.3) * Linear, (Batch <= 256 ? 0.6 : 0.3) * Linear / 1000, Warmup(Batch <= 256 ? 0 : 10)),
        DinoOptions when IsTransformer => (new(OptimizerKind.AdamW, 0.04, FinalWeightDecay: 0.4, Clip: 3), 5e-4 * Linear, Math.Min(1e-6, 5e-4 * Linear), Warmup(10)),
        DinoOptions => (new(OptimizerKind.Sgd, 1e-4), Short(0.03) * Linear, Math.Min(1e-6, 0.03 * Linear), Warmup(10)),
        _ => throw new ArgumentOutOfRangeException(nameof(objective), objective.Name, "no such objective"),
    };

    /// <summary>
    /// Half of a short run's steps train Max alone: subnets that join beside a teacher that has learnt are better for it at equal work, and so is Max. It was chosen on validation images of two sets at 900 to 1,600 steps
    /// of moco-v2; a run of the paper's length is the paper's. The released rule stays as released.
    /// </summary>
    public double MaxFirst(SandwichRule rule) => rule == SandwichRule.Algorithm1 ? Math.Round((Shortness - 1) / 6, 3) : 0;

    /// <summary>
    /// Learning under a foreign teacher: a queue of at most one entry an image, and a softer teacher than SEED's. Its 0.01 is of contrastive embeddings; less their mean, those of ImageNet's ResNet18 teach more at 0.05. Short
    /// runs take up to 16 times SEED's rate: from 10 to 40 times they gave the same. Both rest on validation images of one set, 370 steps.
    /// </summary>
    public DistillOptions Distill(int dimension) =>
        Of(new DistillOptions(dimension), o => o with { TeacherTemperature = 0.05, Hidden = Heads(o.Hidden), QueueLength = Math.Max(1, Math.Min(o.QueueLength, Images) / Batch) * Batch });

    private double Linear => Batch / 256.0;

    /// <summary>
    /// Short runs with a momentum encoder learn more at up to four times the rate (swav, which has none, does not): up to 3.2 million images seen, less and less up to 51.2 million, and from there
    /// on, a fifth of the papers' 200 epochs of ImageNet, the paper's own. It rests on single networks on 10,000 images over 10 to 40 epochs; between the ends it is drawn through.
    /// </summary>
    private double Short(double rate) => rate * Shortness;

    /// <summary>4 for runs of up to 3.2 million images seen, 1 from 51.2 million on.</summary>
    private double Shortness => Math.Clamp(Math.Sqrt(51.2e6 / ((double)Epochs * Images)), 1, 4);

    /// <summary>A momentum encoder that averages over a fifth of a short run, and over the paper's thousand steps from 5,000 on.</summary>
    private double Momentum(double paper) => Math.Clamp(1 - (5.0 / Math.Max(1, (long)Epochs * (Images / Math.Max(1, Batch)))), 0.99, paper);

    private double Warmup(double epochs) => Math.Min(epochs, Epochs / 10.0);

    private int Heads(int paper) => Math.Max(1, (int)Math.Min(paper, (long)paper * Channels / 2048));

    private int Queue(int paper) => Math.Max(1, Math.Min(paper, Images / 4) / Batch) * Batch;

    private int Prototypes(int paper) => Math.Min(paper, Math.Max(64, Images / 16));

    private static T Of<T>(T paper, Func<T, T> bring) => bring(paper);
}
