using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Training.Architectures;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Training.Teachers;

namespace DataSsl.Runtime.Training;

/// <summary>Everything that decides a training run. Saved with it; a resumed run takes it from there.</summary>
public sealed record TrainOptions
{
    /// <summary>Name of the compiled space.</summary>
    public required string Space { get; init; }

    /// <summary>Content hash of the space's plan.</summary>
    public required string SpaceHash { get; init; }

    /// <summary>Folder of images.</summary>
    public required string Data { get; init; }

    /// <summary>Hash of the images that the folder held when the run began, and of which of them could not be read.</summary>
    public required string DataFingerprint { get; init; }

    /// <summary>Side of the square views in pixels.</summary>
    public required int Size { get; init; }

    /// <summary>Images of a step, over all processes together.</summary>
    public required int Batch { get; init; }

    /// <summary>Passes over the images.</summary>
    public required int Epochs { get; init; }

    /// <summary>Learning rate at the start of the cosine, after the warm-up.</summary>
    public required double Rate { get; init; }

    /// <summary>Learning rate at the end of the cosine.</summary>
    public double FinalRate { get; init; }

    /// <summary>Epochs at the beginning over which the rate grows from <see cref="WarmupRate"/>.</summary>
    public double WarmupEpochs { get; init; }

    /// <summary>Learning rate that the warm-up begins at.</summary>
    public double WarmupRate { get; init; }

    /// <summary>Seed of all that is random: weights, the order of images, views and the architectures drawn.</summary>
    public required long Seed { get; init; }

    /// <summary>The type that convolutions compute in.</summary>
    public required ComputeType Compute { get; init; }

    /// <summary>How the network learns.</summary>
    public required Method Method { get; init; }

    /// <summary>The weights that the run started from; null for random ones of <see cref="Seed"/>.</summary>
    public GivenOrigin? From { get; init; }

    /// <summary>The frozen network that the run learns from; null for none.</summary>
    public TeacherOrigin? Teacher { get; init; }

    /// <summary>How pixels become the network's inputs, where it is not by <see cref="PixelRule.ImageNet"/>; null where it is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PixelRule? OwnPixels { get; init; }

    /// <summary>How pixels become the network's inputs.</summary>
    [JsonIgnore]
    public PixelRule Pixels => OwnPixels ?? PixelRule.ImageNet;

    /// <summary>How pictures are cut into the run's images; null where each is one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TileRule? Tiles { get; init; }

    /// <summary>Learning rate of a step.</summary>
    public double RateAt(RunPosition at) => at.WarmCosine(Rate, FinalRate, WarmupEpochs, WarmupRate);

    /// <summary>The configuration as <see cref="FromJson"/> reads it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, TrainOptionsJson.Options);

    /// <summary>Returns the options if a run can have them; a <see cref="UserException"/> names the first that it cannot.</summary>
    /// <param name="prefix">Where they come from: <c>--</c> for the command line, a file's path and a colon.</param>
    public TrainOptions Checked(string prefix) =>
        TrainOptionsCheck.FirstProblem(this) is { } problem ? throw new UserException(prefix + problem) : this;

    /// <summary>
    /// Reads a saved configuration; a <see cref="UserException"/> says what is wrong with it, be it in its form, in a number or in the
    /// views.
    /// </summary>
    public static TrainOptions FromJson(string path, string text)
    {
        try
        {
            var options = JsonSerializer.Deserialize<TrainOptions>(text, TrainOptionsJson.Options)
                ?? throw new UserException($"{path}: empty configuration");
            options.Checked($"{path}: ");
            if (options.DataFingerprint.Length is > 0 and < 16)
                throw new UserException($"{path}: dataFingerprint '{options.DataFingerprint}' is too short to be a hash");
            options.Method.CheckViews();
            return options;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new UserException($"{path}: not a run's configuration ({e.Message})", e);
        }
        catch (UserException e) when (!e.Message.StartsWith($"{path}: ", StringComparison.Ordinal))
        {
            throw new UserException($"{path}: {e.Message}", e);
        }
    }
}

/// <summary>Which weights a run started from.</summary>
/// <param name="Weights">Their file, or the name of such as come with the program.</param>
/// <param name="Hash">First 16 hex digits of the file's SHA-256.</param>
/// <param name="Architecture">What they are of, as canonical text.</param>
public sealed record GivenOrigin(string Weights, string Hash, string Architecture)
{
    /// <summary>In a line, as the artifacts that come of the run say it.</summary>
    public override string ToString() => $"{Weights} ({Hash}), {Architecture}";
}

/// <summary>How a configuration is written and read.</summary>
internal static class TrainOptionsJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { ObjectiveKind.Tell } },
    };
}

/// <summary>What makes a run's configuration impossible, told before anything is read or allocated for it.</summary>
internal static class TrainOptionsCheck
{
    /// <summary>The first problem as <c>option value: mend</c>, named as on the command line; null for a sound configuration.</summary>
    public static string? FirstProblem(TrainOptions o)
    {
        var (m, optimizer) = (o.Method, o.Method.Optimizer);
        return TrainBounds.Side.Problem("size", o.Size) ?? TrainBounds.Batch.Problem("batch", o.Batch)
            ?? TrainBounds.Epochs.Problem("epochs", o.Epochs)
            ?? TrainBounds.Rate.Problem("rate", o.Rate) ?? TrainBounds.FinalRate.Problem("final-rate", o.FinalRate)
                ?? TrainBounds.Warmup.Problem("warmup", o.WarmupEpochs)
            ?? (o.WarmupEpochs >= o.Epochs
                ? FormattableString.Invariant($"warmup {o.WarmupEpochs}: give a number of epochs from 0 to below --epochs {o.Epochs}")
                : null)
            ?? TrainBounds.FinalRate.Problem("warmup-rate", o.WarmupRate)
            ?? (o.WarmupRate > 0 && o.WarmupEpochs == 0
                ? FormattableString.Invariant($"warmup-rate {o.WarmupRate}: there is no warm-up; give --warmup EPOCHS as well")
                : null)
            ?? Named("compute", o.Compute) ?? o.Pixels.FirstProblem() ?? o.Tiles?.FirstProblem()
            ?? (o.Teacher is not null && !o.Pixels.IsImageNet
                ? $"teacher: is shown red, green and blue by ImageNet's statistics, and the run's images are {o.Pixels}"
                : null)
            ?? m.Objective.FirstProblem(o.Batch) ?? TeacherProblem(m.Objective, o.Teacher)
            ?? ObjectiveBounds.Momentum.Problem("momentum", optimizer.Momentum)
                ?? TrainBounds.WeightDecay.Problem("weight-decay", optimizer.WeightDecay)
            ?? TrainBounds.Clip.Problem("clip", optimizer.Clip)
            ?? (optimizer.FinalWeightDecay is { } final ? TrainBounds.WeightDecay.Problem("final-weight-decay", final) : null)
            ?? Named("optimizer", optimizer.Kind) ?? Named("rule", m.Rule)
            ?? Named("teacher-architecture", m.TeacherArchitecture) ?? TeacherArchitectureProblem(m)
            ?? Named("draws", m.Draws)
            ?? (m is { Draws: SubnetDraws.Lacking, Architecture: not null } ? "draws lacking: goes with a supernet" : null)
            ?? ObjectiveBounds.Share.Problem("max-first", m.MaxFirst)
            ?? TrainBounds.DropPath.Problem("drop-path", m.DropPath)
            ?? LearningProblem(m)
            ?? (m.NormGroups < 1 || o.Batch % m.NormGroups != 0
                || o.Batch / m.NormGroups < 2
                    ? $"norm-groups {m.NormGroups}: does not deal a batch of {o.Batch} into equal groups of 2 or more"
                    : null);
    }

    private static string? LearningProblem(Method method) => method switch
    {
        { Learning: null } => null,
        { Learning: not null, Architecture: not null } => "learn-architecture: goes with a supernet; --arch trains one architecture",
        { Learning.Rule: LearningRule.Darts, Rule: not SandwichRule.Algorithm1 } =>
            $"rule {method.Rule}: draws its students, and darts mixes them; leave it out",
        { TeacherArchitecture: TeacherArchitecture.Student } =>
            "teacher-architecture student: a mixture of architectures is none that a teacher could run as; leave it or learn-architecture out",
        { Draws: not SubnetDraws.Uniform } =>
            $"draws {method.Draws.ToString().ToLowerInvariant()}: learn-architecture draws by its own probabilities; leave one of them out",
        { Learning: { Order: 2 }, Optimizer.Kind: not OptimizerKind.Sgd } =>
            FormattableString.Invariant(
                $"alpha-order 2: looks a step of sgd ahead, and the optimizer is {method.Optimizer.Kind.ToString().ToLowerInvariant()}; give --optimizer sgd with a --rate, or --alpha-order 1"),
        { Learning: { } learning } when learning.Warmup < method.MaxFirst => FormattableString.Invariant(
            $"alpha-warmup {learning.Warmup}: ends before the subnets train; give {method.MaxFirst} or more, or a smaller --max-first"),
        { Learning: { } learning } => learning.FirstProblem(),
    };

    private static string? TeacherProblem(ObjectiveOptions objective, TeacherOrigin? teacher) => (objective, teacher) switch
    {
        (DistillOptions, null) => "objective distill: learns from a network that is there already; give it with --teacher",
        (DistillOptions o, { } t) when o.Dimension != t.Dimension =>
            $"dimension {o.Dimension}: the teacher's embeddings have {t.Dimension}",
        (DistillOptions { SpatialWeight: > 0 }, { Views: TeacherViews.Clean }) =>
            "spatial-weight goes with --teacher-views same: a view's positions are not those of the whole image",
        // A space's name and an architecture's text.
        (DistillOptions,
            { OfRun: true } or { Architecture: not null }) when teacher.Architecture?.Split(' ', 2) is not [
            { Length: > 0 }, { Length: > 0 }] =>
            $"teacher: '{teacher.Architecture}' names no architecture of a space",
        (DistillOptions, { } t) => TrainBounds.Side.Problem("teacher-size", t.Size) ?? Named("teacher-views", t.Views),
        (_, not null) => $"teacher: {objective.Name} has no use for one",
        _ => null,
    };

    private static string? TeacherArchitectureProblem(Method method) =>
        method.TeacherArchitecture == TeacherArchitecture.Fixed ? null
        : method.Architecture is not null ? "teacher-architecture student: goes with a supernet; the teacher of one network is like it"
        : !method.Objective.HasTeacher ? $"teacher-architecture student: {method.Objective.Name} has no momentum teacher"
        : null;

    private static string? Named<T>(string option, T value) where T : struct, Enum =>
        Enum.IsDefined(value) ? null : $"{option} {value}: give {string.Join(" or ", Enum.GetNames<T>())}";
}
