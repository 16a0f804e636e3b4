using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using DataSsl.Cli.Recipes;
using DataSsl.Cli.Shared;
using DataSsl.Jobs.DataChecks;
using DataSsl.Runtime;
using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Runtime.Views;

namespace DataSsl.Cli.Training;

/// <summary>The options of <c>train</c> that say how a network learns, and the method that they and its paper make.</summary>
internal sealed class MethodOptions
{
    public readonly Option<string> Objective = new("--objective")
    {
        Description = $"What is learnt: {string.Join(", ", ObjectiveKind.All.Select(kind => kind.Name))}.",
        DefaultValueFactory = _ => MoCoOptions.Id,
        HelpName = "NAME",
    };
    public readonly TeacherOptions Teacher = new();
    public readonly Option<string> Architecture = ArchitectureFile.Take(new("--arch")
    {
        Description = "Train this one architecture in the place of the supernet, with a teacher like it: an anchor's name, Max, Min, "
            + "#index, its text or a *.txt file with that.",
        HelpName = "ARCH",
    });
    public readonly LearningVerbOptions Learning = new();
    private readonly IReadOnlyList<(Knob Knob, Option Option)> knobs =
    [
        .. ObjectiveKind.All.SelectMany(kind => kind.Knobs).DistinctBy(knob => knob.Name).Select(knob => (knob, OptionOf(knob))),
    ];
    public readonly Option<OptimizerKind?> Optimizer = WordOption.Maybe<OptimizerKind>(
        "--optimizer", "sgd, lars or adamw. Default: the paper's.", "NAME");
    public readonly Option<double?> WeightDecay = NumberOption.Maybe(
        "--weight-decay", TrainBounds.WeightDecay, "Weight decay. Default: the paper's.", "X");
    public readonly Option<double?> Clip = NumberOption.Maybe(
        "--clip", TrainBounds.Clip,
        "The largest norm of a parameter's gradient; 0 for any. Default: 3 for dino on transformers, otherwise 0.", "X");
    public readonly Option<string> Views = new("--views")
    {
        Description =
            $"The views of each image: {string.Join(", ", ViewPlan.Names)}, or a *.yaml file with a plan. Default: the objective's.",
        HelpName = "NAME",
    };
    public readonly Option<double?> Rate = NumberOption.Maybe(
        "--rate", TrainBounds.Rate,
        "Learning rate at the start of the cosine. Default: the paper's for the batch; more in runs under 51.2 million images seen (epochs "
            + "times images), but for simclr, swav and transformers: twice at 12.8 million, four times at 3.2, eight times at 0.8 and "
            + "less; with --from and --teacher four times at the most, and never over twice the rate for a batch of 256, where the paper's "
            + "is not; distill squares that, without the limit.",
        "X");
    public readonly Option<double?> FinalRate = NumberOption.Maybe(
        "--final-rate", TrainBounds.FinalRate, "Learning rate at its end. Default: the paper's.", "X");
    public readonly Option<double?> Warmup = NumberOption.Maybe(
        "--warmup", TrainBounds.Warmup, "Epochs over which the rate grows at first. Default: the paper's, at most a tenth of the run.",
        "EPOCHS");
    public readonly Option<double> WarmupRate = NumberOption.Of(
        "--warmup-rate", TrainBounds.FinalRate, 0, "Learning rate that the warm-up begins at.", "X");
    public readonly Option<SandwichRule?> Rule = WordOption.Maybe<SandwichRule>(
        "--rule",
        "Architectures of a step: Algorithm1 (Max and two random), Released (Max, Min, one random; three teacher updates) or Single "
            + "(one: Max in every fourth step, otherwise a random one). Default: Single in runs of up to 3.2 million images seen (epochs "
            + "times images) and under a foreign teacher alone; otherwise Algorithm1, the paper's.");
    public readonly Option<double?> MaxFirst = NumberOption.Maybe(
        "--max-first", TrainBounds.MaxFirst,
        "Share of a supernet's steps, from the first on, that train Max alone; its subnets then join beside a teacher that has learnt. "
            + "Default: 0.5 in runs of up to 3.2 million images seen, less and less up to 51.2 million, from there on and with --rule "
            + "Released 0, as in the paper; 0 under a foreign teacher alone, which has learnt already, and with --learn-architecture.",
        "SHARE");
    public readonly Option<int?> NormGroups = NumberOption.Maybe(
        "--norm-groups", TrainBounds.NormGroups,
        "Groups of the batch with BatchNorm statistics of their own, in the place of MoCo's shuffling over devices. Default: 4 with a "
            + "queue of keys, or 1 where that leaves fewer than 8 images each; otherwise 1. With several processes one each where 4 cannot "
            + "be dealt to them, but for simclr and swav, which set the whole batch against itself; 1 with several processes synchronises "
            + "them, which is slow.",
        "N");

    public readonly Option<TeacherArchitecture> TeacherArchitecture = WordOption.Of(
        "--teacher-architecture", Runtime.Training.TeacherArchitecture.Fixed,
        "Which network of a supernet the momentum teacher runs as: fixed (Max, once for all students) or student (each student's own).");
    public readonly Option<SubnetDraws> Draws = WordOption.Of(
        "--draws", SubnetDraws.Uniform,
        "How a supernet's random subnets are drawn: uniform, or lacking (half of them by how far the losses of a size are above Max's).");
    public readonly Option<double> DropPath = NumberOption.Of(
        "--drop-path", TrainBounds.DropPath, 0,
        "Share of images that the branches of a transformer's last block are left out for as students train; none at its first block, and "
            + "in proportion between (stochastic depth).",
        "SHARE");

    public IEnumerable<Option> All =>
    [
        Objective,.. Teacher.All, Architecture, .. Learning.All, Views, Rate, FinalRate, Warmup, WarmupRate, Optimizer, WeightDecay, Clip,
        DropPath, .. knobs.Select(k => k.Option), Rule, MaxFirst, Draws, TeacherArchitecture, NormGroups,
    ];

    /// <summary>Those of one architecture that learns from images alone.</summary>
    public IEnumerable<Option> OfOne =>
        All.Except([Architecture, Rule, MaxFirst, Draws, TeacherArchitecture, .. Learning.All, .. Teacher.All]);

    /// <summary>How the network learns.</summary>
    /// <param name="parsed">What was asked for.</param>
    /// <param name="run">The rest of the configuration.</param>
    /// <param name="images">How many images there are.</param>
    /// <param name="processes">How many processes train together.</param>
    public (Method Method, double Rate, double FinalRate,
        double WarmupEpochs) Read(ParseResult parsed, RunBasis run, int images, int processes)
    {
        var (space, only) = (run.Space, run.Only);
        foreach (var option in RecipeFile.OfSupernets)
            if (only is not null && parsed.GetResult(option) is OptionResult { Implicit: false })
                throw new UserException($"{option} goes with a supernet; --arch trains one architecture");
        var learning = only is null ? Learning.Read(parsed, run, images) : null;
        var defaults = new ObjectiveDefaults(
            run.Batch, run.Epochs, images - (learning?.HeldOutOf(images) ?? 0), (only ?? space.Max).EmbeddingChannels,
            IsTransformer: space.Family == "vit", run.Teacher?.Dimension, run.From is not null);
        var objective = ObjectiveOf(parsed, defaults, run.Teacher);
        // A foreign teacher has learnt already, so nobody has to wait for it, and no step needs Max.
        var hasLearnt = objective is DistillOptions { Beside: null };
        var rule = parsed.GetValue(Rule)
            ?? (only is null && learning is null ? Sandwich.Rule(defaults, hasLearnt) : SandwichRule.Algorithm1);
        // Who learns an architecture needs its subnets from the start.
        var maxFirst = only is not null
            ? 0
            : parsed.GetValue(MaxFirst) ?? (hasLearnt || learning is not null ? 0 : Sandwich.MaxFirst(rule, defaults));
        var (optimizer, rate, final, warmup) = defaults.Optimizer(objective);
        optimizer = optimizer with
        {
            Kind = parsed.GetValue(Optimizer) ?? optimizer.Kind,
            WeightDecay = parsed.GetValue(WeightDecay) ?? optimizer.WeightDecay,
        };
        optimizer = optimizer with { Clip = parsed.GetValue(Clip) ?? optimizer.Clip };
        if (parsed.GetValue(Optimizer) is not null && parsed.GetValue(Rate) is null)
            throw new UserException("--optimizer needs a --rate that suits it");
        if (parsed.GetValue(WeightDecay) is not null) optimizer = optimizer with { FinalWeightDecay = null };
        var method = new Method(
            objective, optimizer, Plan(parsed, space, objective, run.Size), rule, Groups(parsed, objective, run.Batch, processes),
            only?.ToString(), maxFirst, parsed.GetValue(DropPath), parsed.GetValue(TeacherArchitecture), parsed.GetValue(Draws), learning);
        method.CheckNetwork(space);
        return (
            method,
            parsed.GetValue(Rate) ?? rate, parsed.GetValue(FinalRate) ?? final, parsed.GetValue(Warmup) ?? warmup);
    }

    /// <summary>What is learnt: with a foreign teacher and no objective named, from that alone.</summary>
    private ObjectiveOptions ObjectiveOf(ParseResult parsed, ObjectiveDefaults defaults, TeacherOrigin? teacher)
    {
        var name = teacher is not null && parsed.GetResult(Objective) is null or { Implicit: true }
            ? DistillOptions.Id
            : parsed.GetValue(Objective)!;
        if (teacher is null) return Overridden(parsed, defaults.Objective(name));
        var foreign = (DistillOptions)defaults.Objective(DistillOptions.Id);
        return name == DistillOptions.Id
            ? Overridden(parsed, Teacher.Objective(parsed, foreign, beside: null))
            : Teacher.Objective(parsed, foreign, Overridden(parsed, defaults.Objective(name)));
    }

    /// <exception cref="UserException">A view is no multiple of the space's patches.</exception>
    private ViewPlan Plan(ParseResult parsed, SearchSpace space, ObjectiveOptions objective, int size)
    {
        var multiple = ViewPlan.MultipleFor(space);
        var plan = parsed.GetValue(Views) is { } text ? RecipeFile.Views(text, size, multiple) : objective.Plan(size, multiple);
        if (space.Patch > 0)
            foreach (var view in plan.Views) space.CheckSize(view.Recipe.Size, $"--views {plan.Name}: the view '{view.Name}' of");
        return plan;
    }

    /// <summary>The option of a knob; where few objectives take it, it says which.</summary>
    private static Option OptionOf(Knob knob)
    {
        var takers = ObjectiveKind.All.Where(kind => kind.Knobs.Any(k => k.Name == knob.Name)).Select(kind => kind.Name).ToList();
        var help = 2 * takers.Count < ObjectiveKind.All.Count
            ? $"{string.Join(", ", takers)}: {char.ToLowerInvariant(knob.Help[0])}{knob.Help[1..]}"
            : knob.Help;
        return knob switch
        {
            Knob<int> k => NumberOption.Maybe($"--{k.Name}", k.Bounds, help, k.Value),
            Knob<double> k => NumberOption.Maybe($"--{k.Name}", k.Bounds, help, k.Value),
            _ => throw new ArgumentOutOfRangeException(nameof(knob), knob.Name, "a knob is an int or a double"),
        };
    }

    private ObjectiveOptions Overridden(ParseResult parsed, ObjectiveOptions defaults)
    {
        var taken = defaults.Values().Select(value => value.Knob.Name).ToList();
        var asked = knobs.Where(k => parsed.IsGiven(k.Option)).ToDictionary(k => k.Knob.Name, k => k.Option);
        if (asked.FirstOrDefault(k => !taken.Contains(k.Key)) is { Value: { } other })
            throw new UserException(
                $"{other.Name} does not go with --objective {defaults.Name}, which takes {string.Join(", ", taken.Select(name => $"--{name}"))}");
        return defaults.Kind.With(
            defaults,
            knob =>
                !asked.TryGetValue(knob.Name, out var option)
                    ? null
                    : knob is Knob<int>
                    ? (object?)parsed.GetValue((Option<int?>)option)
                    : parsed.GetValue((Option<double?>)option));
    }

    private int Groups(ParseResult parsed, ObjectiveOptions objective, int batch, int processes)
    {
        if (parsed.GetValue(NormGroups) is not { } groups)
        {
            if (objective.IsOverBatch) return 1;
            var usual = objective.TellsByStatistics && batch % 4 == 0 && batch >= 32 ? 4 : 1;
            return usual % processes == 0 ? usual : batch % processes == 0 && batch >= 8 * processes ? processes : 1;
        }
        return groups <= batch / 2 && batch % groups == 0
            ? groups : throw new UserException($"--norm-groups {groups} does not deal --batch {batch} into equal groups of 2 or more");
    }
}
