using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Runtime.Training.Objectives;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>
/// At the papers' own size (ResNet50 on ImageNet, 256 images a step but for where a paper says otherwise) defaults are the papers' numbers;
/// at a small set's they are brought to it without a jump.
/// </summary>
public sealed class ObjectiveDefaultsTests
{
    private const int ImageNet = 1_281_167;

    /// <summary>
    /// He et al. 2020 and Chen et al. 2020b; Wang et al. 2021 is MoCo v2 with a second queue; Zheng et al. 2021; Chen et al. 2020; Grill et
    /// al. 2020; Caron et al. 2020 and 2021.
    /// </summary>
    public static TheoryData<string, int, int, ObjectiveOptions, OptimizerOptions, double, double, double> Papers => new()
    {
        {
            "moco-v2", 200, 256, new MoCoOptions(128, 2048, 65536, 0.2, 0.999),
            new(OptimizerKind.Sgd, 1e-4, DecayVectors: true), 0.03, 0, 0
        },
        {
            "densecl", 200, 256, new DenseClOptions(128, 2048, 65536, 0.2, 0.5, 0.999),
            new(OptimizerKind.Sgd, 1e-4, DecayVectors: true), 0.03, 0, 0
        },
        { "ressl", 200, 256, new ReSslOptions(512, 4096, 131072, 0.1, 0.04, 0.999), new(OptimizerKind.Sgd, 1e-4), 0.05, 0, 5 },
        { "simclr", 100, 4096, new SimClrOptions(128, 2048, 0.1), new(OptimizerKind.Lars, 1e-4), 4.8, 0, 10 },
        { "byol", 1000, 4096, new ByolOptions(256, 4096, 0.996), new(OptimizerKind.Lars, 1.5e-6), 3.2, 0, 10 },
        { "byol", 300, 4096, new ByolOptions(256, 4096, 0.99), new(OptimizerKind.Lars, 1e-6), 4.8, 0, 10 },
        { "byol", 100, 4096, new ByolOptions(256, 4096, 0.99), new(OptimizerKind.Lars, 1e-6), 7.2, 0, 10 },
        { "swav", 800, 4096, new SwavOptions(128, 2048, 3000, 0.1, 0.05, 3, 1, 0, 15), new(OptimizerKind.Lars, 1e-6), 4.8, 0.0048, 10 },
        { "swav", 200, 256, new SwavOptions(128, 2048, 3000, 0.1, 0.05, 3, 1, 3840, 15), new(OptimizerKind.Lars, 1e-6), 0.6, 0.0006, 0 },
        {
            "dino", 300, 256, new DinoOptions(256, 2048, 65536, true, 0.1, 0.04, 0.04, 0, 0.9, 1, 0.996),
            new(OptimizerKind.Sgd, 1e-4), 0.03, 1e-6, 10
        },
    };

    [Theory, MemberData(nameof(Papers))]
    public void At_the_papers_size_they_are_the_papers(
        string name, int epochs, int batch, ObjectiveOptions objective, OptimizerOptions optimizer, double rate, double final,
        double warmup)
    {
        var defaults = new ObjectiveDefaults(batch, epochs, ImageNet, Channels: 2048, IsTransformer: false);
        Assert.Equal(objective, defaults.Objective(name));
        var ours = defaults.Optimizer(objective);
        Assert.Equal((optimizer, warmup), (ours.Optimizer, ours.WarmupEpochs));
        Assert.Equal(rate, ours.Rate, 1e-12);
        Assert.Equal(final, ours.FinalRate, 1e-12);
        Assert.Equal(0.9, ours.Optimizer.Momentum);
        Assert.Equal(SandwichRule.Algorithm1, Sandwich.Rule(defaults, hasLearnt: false));
        Assert.Equal(0, Sandwich.MaxFirst(SandwichRule.Algorithm1, defaults));
    }

    /// <summary>DINO on a transformer: AdamW, decay from 0.04 to 0.4, gradients clipped at 3, no BatchNorm in the head.</summary>
    [Fact]
    public void Transformers_under_dino_are_the_papers()
    {
        var defaults = new ObjectiveDefaults(1024, 100, ImageNet, Channels: 384, IsTransformer: true);
        var objective = Assert.IsType<DinoOptions>(defaults.Objective("dino"));
        Assert.False(objective.HiddenNorm);
        Assert.Equal((new(OptimizerKind.AdamW, 0.04, FinalWeightDecay: 0.4, Clip: 3), 4 * 5e-4, 1e-6, 10), defaults.Optimizer(objective));
    }

    /// <summary>
    /// SEED (Fang et al. 2021) with a ResNet50 as the student, but for the temperature of a teacher less its mean; of a small set the queue
    /// has at most one embedding an image, and a short run a higher rate.
    /// </summary>
    [Fact]
    public void Under_a_foreign_teacher_they_are_SEEDs()
    {
        var defaults = new ObjectiveDefaults(256, 200, ImageNet, Channels: 2048, IsTransformer: false, Teacher: 512);
        var objective = Assert.IsType<DistillOptions>(defaults.Objective("distill"));
        Assert.Equal(new(512, 2048, 65536, 0.2, 0.05, TeacherLoss.Seed), objective);
        Assert.Equal((new(OptimizerKind.Sgd, 1e-4), 0.03, 0, 0), defaults.Optimizer(objective));
        Assert.Equal(0.24, (defaults with { Images = 8000, Epochs = 6, Batch = 128 }).Optimizer(objective).Rate, 1e-9);
        Assert.Equal(896, ((DistillOptions)(defaults with { Images = 1000, Batch = 128 }).Objective("distill")).QueueLength);
        Assert.Contains(
            "--teacher", Assert.Throws<UserException>(() => (defaults with { Teacher = null }).Objective("distill")).Message,
            StringComparison.Ordinal);
    }

    /// <summary>
    /// MoCo v2's and DenseCL's heads have a ReLU and no BatchNorm, BYOL's and SwAV's have it hidden, SimCLR's at the end too, and DINO's is
    /// three layers of GELU.
    /// </summary>
    [Fact]
    public void Heads_are_the_papers()
    {
        Shape(new([2048], 128), new MoCoOptions().Heads().Projector);
        Shape(new([2048], 128), new DenseClOptions().Heads().Dense!);
        Shape(new([4096], 256, HiddenNorm: true), new ByolOptions().Heads().Predictor!);
        Shape(new([2048], 128, HiddenNorm: true, OutputNorm: true), new SimClrOptions().Heads().Projector);
        Shape(new([2048], 128, HiddenNorm: true), new SwavOptions().Heads().Projector);
        Shape(new([2048, 2048], 256, HiddenNorm: true, Gelu: true), new DinoOptions().Heads().Projector);
        Shape(new([4096], 512), new ReSslOptions().Heads().Projector);

        static void Shape(MlpShape expected, MlpShape actual)
        {
            Assert.Equal(expected.Hidden, actual.Hidden);
            Assert.Equal(expected with { Hidden = actual.Hidden }, actual);
        }
    }

    /// <summary>
    /// One more epoch or image never makes another run: the rate falls with the images seen, by less than a hundredth at a time, to the
    /// paper's. In small batches it starts at eight times that, at four from given weights; in no batch at more than twice the rate for
    /// 256, or the paper's.
    /// </summary>
    [Theory]
    [InlineData("moco-v2", 64, 8, 4)]
    [InlineData("moco-v2", 128, 4, 4)]
    [InlineData("byol", 256, 2, 2)]
    [InlineData("moco-v2", 1024, 1, 1)]
    public void The_rate_has_no_cliff(string name, int batch, int times, int timesFromGiven)
    {
        double RateOf(int images, bool isFromGiven = false)
        {
            var defaults = new ObjectiveDefaults(batch, 100, images, 2048, IsTransformer: false, IsFromGiven: isFromGiven);
            return defaults.Optimizer(defaults.Objective(name)).Rate;
        }

        var before = RateOf(8_000);
        Assert.Equal(times * RateOf(ImageNet), before, 1e-9);
        Assert.Equal(timesFromGiven * RateOf(ImageNet), RateOf(8_000, isFromGiven: true), 1e-9);
        Assert.Equal(Math.Min(times, 4) * RateOf(ImageNet), RateOf(32_000), 1e-9);
        for (var images = 8_000; images < ImageNet; images += images / 100)
        {
            var rate = RateOf(images);
            Assert.InRange(rate, 0.99 * before, before);
            before = rate;
        }
    }

    /// <summary>Half of a short run's steps are Max's, none of a paper's, and one more epoch never makes another run.</summary>
    [Fact]
    public void Max_goes_first_in_short_runs()
    {
        static double Share(int epochs) => Sandwich.MaxFirst(SandwichRule.Algorithm1, new(128, epochs, 10_000, 256, IsTransformer: false));

        Assert.Equal(0.5, Share(1));
        Assert.Equal(0.5, Share(320));
        Assert.Equal(1 / 6.0, Share(1280), 1e-3);
        Assert.Equal(0, Share(5120));
        for (var epochs = 320; epochs < 5120; epochs++) Assert.InRange(Share(epochs + 1), Share(epochs) - 0.002, Share(epochs));
        Assert.Equal(0, Sandwich.MaxFirst(SandwichRule.Released, new(128, 10, 10_000, 256, IsTransformer: false)));
    }

    /// <summary>Short runs have one student a step, and those of the papers have three, but under a foreign teacher.</summary>
    [Theory]
    [InlineData(320, false, SandwichRule.Single)]
    [InlineData(321, false, SandwichRule.Algorithm1)]
    [InlineData(321, true, SandwichRule.Single)]
    public void Short_runs_have_one_student_a_step(int epochs, bool hasLearnt, SandwichRule rule)
    {
        foreach (var isFromGiven in new[] { false, true })
            Assert.Equal(
                rule, Sandwich.Rule(new(128, epochs, 10_000, 256, IsTransformer: false, IsFromGiven: isFromGiven), hasLearnt));
    }

    /// <summary>
    /// The momentum encoder averages over a fifth of a run's steps, but over a hundred at the least and the paper's thousand at the most.
    /// </summary>
    [Theory]
    [InlineData("moco-v2")]
    [InlineData("densecl")]
    public void A_short_runs_teacher_follows_within_it(string name)
    {
        double Momentum(int epochs) =>
            new ObjectiveDefaults(100, epochs, 10_000, 256, IsTransformer: false).Objective(name).TeacherMomentumAt(new(0, 1, 1));

        Assert.Equal(0.99, Momentum(1));
        Assert.Equal(0.995, Momentum(10), 1e-9);
        Assert.Equal(0.9975, Momentum(20), 1e-9);
        Assert.Equal(0.999, Momentum(50), 1e-9);
        Assert.Equal(0.999, Momentum(5000), 1e-9);
    }
}
