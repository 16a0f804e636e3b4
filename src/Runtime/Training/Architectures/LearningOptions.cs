using System.Globalization;
using System.Text.Json.Serialization;
using DataSsl.Runtime.Supernets;
using DataSsl.SearchSpaces;

namespace DataSsl.Runtime.Training.Architectures;

/// <summary>How an architecture is learnt together with the weights.</summary>
public enum LearningRule
{
    /// <summary>
    /// Every choice is a mixture of its values by their probabilities, and the loss is differentiated by them (Liu et al. 2019).
    /// </summary>
    Darts,

    /// <summary>
    /// Single architectures are drawn by the probabilities, which follow the losses of what was drawn (Cai et al. 2019, section 3.3).
    /// </summary>
    Proxyless,
}

/// <summary>
/// What a run does that learns its architecture: each choice of the space has a probability for each of its values, which images that the
/// weights do not see decide, by the objective's loss on them and a term of cost.
/// </summary>
/// <param name="Rule">How probabilities get their gradient.</param>
/// <param name="Budget">What the architecture may cost, in MACs and parameters; null for anything.</param>
/// <param name="Rate">Adam's rate for the logits of the probabilities.</param>
/// <param name="HeldOut">Share of the images that the probabilities alone see.</param>
/// <param name="Warmup">Share of the steps, from the first on, in which the weights learn alone.</param>
/// <param name="Every">Steps of the weights for each of the probabilities.</param>
/// <param name="CostWeight">What the term of cost counts for beside the loss, see <see cref="CostTerm"/>.</param>
/// <param name="Order">
/// Of darts: 1 takes the weights as they are; 2 looks a step of them ahead (Liu et al. 2019, equation 7).
/// </param>
/// <param name="Paths">Of proxyless: architectures that are drawn for a step of the probabilities.</param>
public sealed record LearningOptions(
    LearningRule Rule, string? Budget, double Rate, double HeldOut, double Warmup, int Every, double CostWeight, int Order = 1,
    int Paths = 2)
{
    /// <summary>How far a logit can move in a run at the least: from even odds to a few thousand to one.</summary>
    private const double LeastReach = 8;

    /// <summary>Updates below which what a run ends in is much of chance: Adam's first ones go by signs, and batches are noisy.</summary>
    public const int FewUpdates = 200;

    /// <summary>A rate of the logits.</summary>
    public static Bounds<double> Rates { get; } = new(0, 100) { IsAbove = true };

    /// <summary>A share of the images, or of the steps, that leaves some.</summary>
    public static Bounds<double> Shares { get; } = new(0, 1) { IsAbove = true, IsBelow = true };

    /// <summary>The share of the steps that only the weights learn in.</summary>
    public static Bounds<double> Warmups { get; } = new(0, 1) { IsBelow = true };

    /// <summary>Steps of the weights for one of the probabilities.</summary>
    public static Bounds<int> Intervals { get; } = new(1, 1_000_000);

    /// <summary>The weight of the term of cost.</summary>
    public static Bounds<double> Weights { get; } = new(0, 1e6);

    /// <summary>The order of the gradient by the probabilities.</summary>
    public static Bounds<int> Orders { get; } = new(1, 2);

    /// <summary>Architectures drawn at once.</summary>
    public static Bounds<int> PathCounts { get; } = new(2, 64) { Reason = "each is judged by the others" };

    /// <summary>Adam's decay rates of the mean and of the square: those of the two papers' code.</summary>
    [JsonIgnore]
    public (double First, double Second) Betas => Rule == LearningRule.Darts ? (0.5, 0.999) : (0, 0.999);

    /// <summary>What pulls the logits to 0, as L2 in the gradient: the two papers' code.</summary>
    [JsonIgnore]
    public double Decay => Rule == LearningRule.Darts ? 1e-3 : 0;

    /// <summary>
    /// What the two papers' code has, but for the share of held-out images of proxyless, a tenth in the place of a twenty-fifth of
    /// ImageNet, and for the warm-up of darts, which has none there.
    /// </summary>
    public static LearningOptions Usual(LearningRule rule) => rule == LearningRule.Darts
        ? new(rule, null, 3e-3, 0.5, 0.25, 1, 1)
        : new(rule, null, 1e-3, 0.1, 0.25, 5, 1);

    /// <summary>The rate that takes a logit far enough in a run of so many steps; this one's where that is more.</summary>
    public double ReachingRate(long steps) => Math.Max(
        Rate,
        double.Parse(
            (LeastReach / Math.Max(1, UpdatesBefore(steps, steps))).ToString("g2", CultureInfo.InvariantCulture),
            CultureInfo.InvariantCulture));

    /// <summary>How many of so many images are held out.</summary>
    public int HeldOutOf(int images) => (int)Math.Round(HeldOut * images);

    /// <summary>Steps in which the weights learn alone.</summary>
    public long WarmupSteps(long steps) => (long)(Warmup * steps);

    /// <summary>Whether the probabilities learn before a step of the weights.</summary>
    public bool UpdatesAt(long step, long steps) => step >= WarmupSteps(steps) && (step - WarmupSteps(steps)) % Every == 0;

    /// <summary>How often the probabilities have learnt when so many steps are done.</summary>
    public long UpdatesBefore(long step, long steps) => Math.Max(0, (step - WarmupSteps(steps) + Every - 1) / Every);

    /// <summary>The limits of the budget.</summary>
    [JsonIgnore]
    public IReadOnlyList<BudgetLimit> Limits =>
        Budget is null ? [] : [.. BudgetText.Parse(Budget, out _)!.Value.Where(limit => limit.To < long.MaxValue)];

    /// <summary>The first problem as <c>option value: mend</c>; null for sound options.</summary>
    public string? FirstProblem() =>
        Rates.Problem("alpha-rate", Rate) ?? Shares.Problem("held-out", HeldOut) ?? Warmups.Problem("alpha-warmup", Warmup)
            ?? Intervals.Problem("alpha-every", Every) ?? Weights.Problem("cost-weight", CostWeight)
            ?? Orders.Problem("alpha-order", Order) ?? PathCounts.Problem("paths", Paths) ?? BudgetProblem()
            ?? (!Enum.IsDefined(Rule) ? $"learn-architecture {Rule}: give darts or proxyless" : null)
            ?? (Rule == LearningRule.Proxyless && Order != 1
                ? FormattableString.Invariant($"alpha-order {Order}: goes with --learn-architecture darts")
                : null);

    private string? BudgetProblem()
    {
        if (Budget is null) return null;
        if (BudgetText.Parse(Budget, out var problem) is not { } limits) return $"budget '{Budget}' {problem}: give MACs such as <=4M";
        return limits.FirstOrDefault(limit => limit.Measure is Measure.Memory or Measure.Latency) is { } other
            ? $"budget {Budget}: {other.Measure.ToString().ToLowerInvariant()} has no closed form to differentiate; limit MACs or parameters"
            : null;
    }

    /// <summary>Refuses a space that leaves nothing to learn, or has nothing within the budget.</summary>
    /// <param name="size">Side of the images in pixels.</param>
    /// <exception cref="UserException">One of these.</exception>
    public void Check(SearchSpace space, int size)
    {
        if (space.Count == 1)
            throw new UserException(
                $"--learn-architecture: {space.Name} has one architecture alone; train it with --arch '{space.FromIndex(0)}'");
        double[][] alike = [.. space.Axes.Select(axis => axis.Values.Select(_ => 1.0 / axis.Values.Count).ToArray())];
        if (LikeliestArchitecture.Within(space, alike, Limits, size) is not null) return;
        var costs = Limits.Select(
            limit => FormattableString.Invariant(
                $"{(limit.Measure == Measure.Macs ? "MACs" : "parameters")} are {Cost(limit.Measure, space.Min, size):N0} to {Cost(limit.Measure, space.Max, size):N0}"));
        throw new UserException(
            $"--budget {Budget}: no architecture of {space.Name} at {size} pixels is within it; their {string.Join(", their ", costs)}");
    }

    /// <summary>What an architecture takes of a measure, in its unit.</summary>
    /// <param name="size">Side of the images in pixels.</param>
    internal static long Cost(Measure measure, Architecture architecture, int size) =>
        measure == Measure.Macs ? architecture.Space.Macs(architecture, size) : architecture.Space.Parameters(architecture);
}
