using System.Globalization;
using DataSsl.Cli.Recipes;
using DataSsl.Cli.Training;
using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using DataSsl.Spaces;
using static TorchSharp.torch;

namespace DataSsl.Cli.Tests.Recipes;

/// <summary>The recipes of published runs beside the numbers that their papers and released code print.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class PublishedRunTests(TrainedRun run)
{
    private const int ImageNet = 1_281_167;
    private const string ResNet50 = "DataResNet: stem=64 stage1=64x3 stage2=128x4 stage3=256x6 stage4=512x3";
    private const string MobileNetV2 = "MobileNets: MobileNetV2";

    private const string MoCoColours = "jitter 0.4 0.4 0.4 0.1 of 0.8, gray 0.2";
    private const string ByolColours = "jitter 0.4 0.4 0.2 0.1 of 0.8, gray 0.2";
    private const string SimClrColours = "jitter 0.8 0.8 0.8 0.2 of 0.8, gray 0.2";

    private static readonly OptimizerOptions sgd = new(OptimizerKind.Sgd, 1e-4);
    private static readonly OptimizerOptions lars = new(OptimizerKind.Lars, 1e-6);
    private static readonly OptimizerOptions moco = sgd with { DecayVectors = true };

    private static readonly string[] mocoViews =
    [
        $"1 of 224 px for the student: 0.2-1 bilinear, {MoCoColours}, blur 0.5, solarize 0",
        $"1 of 224 px for the teacher: 0.2-1 bilinear, {MoCoColours}, blur 0.5, solarize 0",
        "global to global 1",
    ];

    private static readonly string[] swavViews =
    [
        $"2 of 224 px for both: 0.14-1 bilinear, {SimClrColours}, blur 0.5, solarize 0",
        $"6 of 96 px for the student: 0.05-0.14 bilinear, {SimClrColours}, blur 0.5, solarize 0",
        "global to global 0.143, global to local 0.857",
    ];

    /// <summary>A published run.</summary>
    /// <param name="Network">Space and architecture, or which architectures a step of the supernet trains.</param>
    /// <param name="Batch">Images a step.</param>
    /// <param name="Groups">Groups of them with BatchNorm statistics of their own.</param>
    /// <param name="Epochs">Passes over the images.</param>
    /// <param name="Rates">At the start of the warm-up, after it, and at the end.</param>
    /// <param name="Warmup">Its epochs.</param>
    private sealed record Run(
        string Network, int Batch, int Groups, int Epochs, OptimizerOptions Optimizer,
        (double Start, double Peak, double End) Rates, double Warmup, ObjectiveOptions Objective, string[] Views)
    {
        /// <summary>Of transformers: the share of images that the last block is left out for.</summary>
        public double DropPath { get; init; }
    }

    private static readonly Dictionary<string, Run> published = new()
    {
        // DATA (CVPR 2022), its training on ImageNet, space of Table 1; what it leaves to the 'official default' is MoCo v2's.
        ["data-imagenet"] = new(
            "DataResNet: Algorithm1, 0",
            1024, 16, 200, moco with { WeightDecay = 7.5e-5 }, (0, 0.12, 0), 0, new MoCoOptions(128, 2048, 65536, 0.2, 0.999), mocoViews),
        // DATA's released configuration of MoCo v2 on a tenth of ImageNet (the paper's Table 7).
        ["data-imagenet-10"] = new(
            "DataResNet: Algorithm1, 0",
            256, 8, 200, moco, (0, 0.03, 0), 0, new MoCoOptions(128, 2048, 65536, 0.2, 0.999), mocoViews),
        // MoCo v2 (arXiv 2003.04297), Table 1, 200 epochs; its released code.
        ["moco-v2-imagenet"] = new(
            ResNet50,
            256, 8, 200, moco, (0, 0.03, 0), 0, new MoCoOptions(128, 2048, 65536, 0.2, 0.999), mocoViews),
        // BYOL (arXiv 2006.07733), section 3.3; released preset of 1,000 epochs.
        ["byol-imagenet"] = new(
            ResNet50,
            4096, 1, 1000, lars with { WeightDecay = 1.5e-6 }, (0, 0.2 * 4096 / 256, 0), 10, new ByolOptions(256, 4096, 0.996),
            [
                $"1 of 224 px for both: 0.08-1 bicubic, {ByolColours}, blur 1, solarize 0",
                $"1 of 224 px for both: 0.08-1 bicubic, {ByolColours}, blur 0.1, solarize 0.2",
                "global to global 1",
            ]),
        // ReSSL (arXiv 2107.09282), ImageNet-1K with one crop; its released code.
        ["ressl-imagenet"] = new(
            ResNet50,
            256, 8, 200, sgd, (0, 0.05, 0), 5, new ReSslOptions(512, 4096, 131072, 0.1, 0.04, 0.999),
            [
                $"1 of 224 px for the student: 0.2-1 bilinear, {MoCoColours}, blur 0.5, solarize 0",
                "1 of 224 px for the teacher: 0.2-1 bilinear, jitter 0 0 0 0 of 0, gray 0, blur 0, solarize 0",
                "global to global 1",
            ]),
        // DenseCL (arXiv 2011.09157), its released configuration of 200 epochs.
        ["densecl-imagenet"] = new(
            ResNet50,
            256, 8, 200, moco, (0, 0.03, 0), 0, new DenseClOptions(128, 2048, 65536, 0.2, 0.5, 0.999), mocoViews),
        // SwAV (arXiv 2006.09882), appendix A.1; released script of 800 epochs.
        ["swav-imagenet"] = new(
            ResNet50,
            4096, 1, 800, lars, (0.3, 4.8, 0.0048), 10, new SwavOptions(128, 2048, 3000, 0.1, 0.05, 3, 1, 0, 15), swavViews),
        // SwAV, its released script of 200 epochs in batches of 256.
        ["swav-imagenet-256"] = new(
            ResNet50,
            256, 1, 200, lars, (0, 0.6, 0.0006), 0, new SwavOptions(128, 2048, 3000, 0.1, 0.05, 3, 1, 3840, 15), swavViews),
        // DINO (arXiv 2104.14294), its repository's example for ResNet50, with the defaults of its script.
        ["dino-imagenet-resnet50"] = new(
            ResNet50,
            512, 1, 100, sgd with { Clip = 3 }, (0, 0.03 * 512 / 256, 1e-6), 10,
            new DinoOptions(256, 2048, 65536, false, 0.1, 0.04, 0.04, 0, 0.9, 1, 0.996),
            [
                $"1 of 224 px for both: 0.14-1 bicubic, {ByolColours}, blur 1, solarize 0",
                $"1 of 224 px for both: 0.14-1 bicubic, {ByolColours}, blur 0.1, solarize 0.2",
                $"8 of 96 px for the student: 0.05-0.14 bicubic, {ByolColours}, blur 0.5, solarize 0",
                "global to global 0.111, global to local 0.889",
            ]),
        ["sslight-dino-resnet18"] = Light(
            "BasicResNet: stem=64 stage1=2 stage2=128x2 stage3=256x2 stage4=512x2", (0, 1.92, 0.0048),
            new DinoOptions(256, 2048, 4096, true, 0.1, 0.04, 0.07, 50, 0.9, 1, 0.996), LightDino(6)),
        ["sslight-dino-resnet34"] = Light(
            "BasicResNet: stem=64 stage1=3 stage2=128x4 stage3=256x6 stage4=512x3", (0, 1.92, 0.0048),
            new DinoOptions(256, 2048, 4096, true, 0.1, 0.04, 0.07, 50, 0.9, 1, 0.996), LightDino(6)),
        ["sslight-dino-mobilenet-v2"] = Light(
            MobileNetV2, (0, 1.92, 0.0048), new DinoOptions(256, 2048, 4096, true, 0.1, 0.04, 0.07, 50, 0.9, 1, 0.996), LightDino(6)),
        ["sslight-dino-vit-ti"] = Light(
            "VisionTransformers: ViTTi16", (0, 0.002, 1e-5),
            new DinoOptions(256, 2048, 65536, false, 0.1, 0.04, 0.07, 30, 0.9, 1, 0.996, LearnsGain: true), LightDino(10)) with
        {
            DropPath = 0.1,
            Optimizer = new(OptimizerKind.AdamW, 0.04, FinalWeightDecay: 0.4),
        },
        ["sslight-moco-mobilenet-v2"] = Light(
            MobileNetV2, (0, 1.92, 0.0048), new MoCoOptions(128, 2048, 65536, 0.2, 0.999),
            [
                $"1 of 224 px for the teacher: 0.3-1 bicubic, {ByolColours}, blur 1, solarize 0",
                $"1 of 224 px for the student: 0.3-1 bicubic, {ByolColours}, blur 0.1, solarize 0.2",
                $"6 of 128 px for the student: 0.05-0.3 bicubic, {ByolColours}, blur 0.5, solarize 0",
                "global to global 0.4, global to local 0.6",
            ]) with
        {
            // Says nothing to LARS, which never decays them.
            Optimizer = lars with { DecayVectors = true },
        },
        // The queue is set to 3,840; the released code then takes off what is left over of it after whole batches.
        ["sslight-swav-mobilenet-v2"] = Light(
            MobileNetV2, (0.075, 1.2, 0.0048), new SwavOptions(128, 4096, 3000, 0.1, 0.05, 3, 1, 3840 - 3840 % 1024, 15),
            [
                $"2 of 224 px for the student: 0.3-1 bicubic, {SimClrColours}, blur 0.5, solarize 0",
                $"6 of 128 px for the student: 0.05-0.3 bicubic, {SimClrColours}, blur 0.5, solarize 0",
                "global to global 0.4, global to local 0.6",
            ]),
    };

    public static TheoryData<string> Names => [.. Recipes()];

    [Fact]
    public void Every_recipe_of_a_published_run_is_in_the_table() =>
        Assert.Equal(published.Keys.Order(StringComparer.Ordinal), Recipes().Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_settings_are_the_published_ones(string name)
    {
        var (expected, actual) = (published[name], Resolved(name, ImageNet));
        var method = actual.Method;
        var network = expected.Network.Split(": ");
        var space = CompiledSpaces.All.First(s => s.Name == network[0]);
        Assert.Equal((space.Name, 224, expected.Batch, expected.Epochs), (actual.Space, actual.Size, actual.Batch, actual.Epochs));
        Assert.Equal(expected.Rates, (actual.WarmupRate, actual.Rate, actual.FinalRate));
        Assert.Equal(
            (expected.Warmup, expected.Groups, expected.DropPath), (actual.WarmupEpochs, method.NormGroups, method.DropPath));
        Assert.Equal(expected.Optimizer, method.Optimizer);
        Assert.Equal(expected.Objective, method.Objective);
        Assert.Equal(expected.Views, Told(method.Views));
        if (method.Architecture is { } only) Assert.Equal($"{space.Parse(network[1])}", only);
        else Assert.Equal(network[1], $"{method.Rule}, {method.MaxFirst}");
    }

    /// <summary>A published run's numbers stand in its file: none is brought to the size of the set or the number of processes.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Its_settings_are_those_on_any_set(string name)
    {
        Assert.Equal(Resolved(name, ImageNet), Resolved(name, 5_000));
        Assert.Equal(Resolved(name, ImageNet), Resolved(name, ImageNet / 10, processes: 2));
    }

    /// <summary>What a recipe's epochs are reckoned for does not change where there are some more images than its name says.</summary>
    [Theory]
    [InlineData("images-1k", 1_000)]
    [InlineData("images-10k", 10_000)]
    public void One_by_the_number_of_images_has_one_student_a_step(string begin, int images)
    {
        var names = Directory.GetFiles(Folder, $"{begin}-*").Select(file => Path.GetFileName(file).Split('.')[0]).ToList();
        Assert.Equal(4, names.Count);
        Assert.All(names, name => Assert.Equal(SandwichRule.Single, Resolved(name, images).Method.Rule));
        Assert.All(names, name => Assert.Equal(SandwichRule.Single, Resolved(name, 3 * images).Method.Rule));
        // What learns an architecture is no business of a recipe's rule.
        foreach (var learning in new[] { "darts", "proxyless" })
            Assert.All(
                names,
                name => Assert.Equal(
                    SandwichRule.Algorithm1, Resolved(name, images, more: ["--learn-architecture", learning]).Method.Rule));
    }

    /// <summary>With a small network, heads and batch; views, schedules and the rest are planned as the recipe has them.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void It_plans(string name)
    {
        var (objective, epochs) = (published[name].Objective, published[name].Epochs);
        string[] small =
        [
            "--data", run.Data, "--batch", "4", "--space", "Small32", "--size", "32", "--norm-groups", "1", "--hidden", "16", "--compute",
            "float32", "--drop-path", "0", "--probe", "0", "--json",
            .. published[name].Network.StartsWith("DataResNet: Algorithm1", StringComparison.Ordinal) ? (string[])[] : ["--arch", "Min"],
            .. objective is DinoOptions or SwavOptions ? (string[])["--prototypes", "64"] : [],
            .. objective is DinoOptions or ByolOptions or SwavOptions { QueueLength: 0 } ? (string[])[] : ["--queue", "8"],
        ];
        var plan = Command.Succeed(["plan", "--recipe", PathOf(name), .. small]).Json;
        var images = Directory.GetFiles(run.Data, "*.png", SearchOption.AllDirectories).Length;
        Assert.Equal(epochs * (images / 4), (long)plan["steps"]!);
    }

    /// <summary>SSLight (arXiv 2210.02808), as its released configuration of each method says.</summary>
    private static Run Light(string network, (double, double, double) rates, ObjectiveOptions objective, string[] views) =>
        new(
            network, 8 * 128, 1, 200, lars, rates, 10, objective,
            views);

    private static string[] LightDino(int locals) =>
    [
        $"1 of 224 px for both: 0.3-1 bicubic, {ByolColours}, blur 1, solarize 0",
        $"1 of 224 px for both: 0.3-1 bicubic, {ByolColours}, blur 0.1, solarize 0.2",
        $"{locals} of 128 px for the student: 0.05-0.3 bicubic, {ByolColours}, blur 0.5, solarize 0",
        "global to global 0.4, global to local 0.6",
    ];

    /// <summary>The views that are alike on a line each, and what pairs of the two sizes count for.</summary>
    private static string[] Told(ViewPlan plan)
    {
        Assert.All(plan.Views, view =>
            Assert.Equal(
                (0.5, new Interval(0.1, 2), new Interval(3.0 / 4, 4.0 / 3), CropRule.RandomResized),
                (view.Recipe.FlipChance, view.Recipe.BlurSigma, view.Recipe.Aspect, view.Recipe.Crop)));
        var pairs = plan.Terms.GroupBy(term => $"{Kind(term.Target)} to {Kind(term.Prediction)}")
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key} {group.Sum(term => term.Weight):0.###}"));
        var views = plan.Views.GroupBy(view => (view.Recipe, view.Roles))
            .Select(group => Line(group.Count(), group.Key.Recipe, group.Key.Roles));
        return [.. views, string.Join(", ", pairs)];

        string Kind(int view) => plan.Views[view].Recipe.Size == 224 ? "global" : "local";

        static string Line(int count, ViewRecipe r, ViewRoles roles)
        {
            var seenBy = roles == ViewRoles.Student ? "the student" : roles == ViewRoles.Teacher ? "the teacher" : "both";
            var jitter = string.Create(
                CultureInfo.InvariantCulture, $"jitter {r.Brightness} {r.Contrast} {r.Saturation} {r.Hue} of {r.JitterChance}");
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{count} of {r.Size} px for {seenBy}: {r.Area.Low}-{r.Area.High} {r.Interpolation.ToString().ToLowerInvariant()}, {jitter}, gray {r.GrayChance}, blur {r.BlurChance}, solarize {r.SolarizeChance}");
        }
    }

    /// <summary>What <c>train</c> and <c>plan</c> make of a recipe for a number of images.</summary>
    private TrainOptions Resolved(string name, int images, int processes = 1, params string[] more)
    {
        var verb = new TrainVerbOptions();
        var command = new System.CommandLine.Command("train");
        foreach (var option in verb.All) command.Add(option);
        string[] given = ["--recipe", PathOf(name), "--data", run.Data, "--compute", "float32", .. more];
        var parsed = command.Parse([.. given, .. RecipeFile.Arguments(PathOf(name), command.Parse(given))]);
        Assert.Empty(parsed.Errors);
        var space = CompiledSpaces.All.First(s => s.Name == parsed.GetValue(verb.Space));
        var options = verb.Complete(parsed, verb.Basis(space, parsed, CPU, from: null), images, "", processes).Checked("--");
        options.Method.CheckViews();
        return options;
    }

    private static string PathOf(string name) => Path.Combine(Folder, $"{name}.recipe.yaml");

    private static IEnumerable<string> Recipes() =>
        Directory.GetFiles(Folder).Select(file => Path.GetFileName(file).Split('.')[0])
            .Where(name => !name.StartsWith("images-", StringComparison.Ordinal));

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "recipes");
}
