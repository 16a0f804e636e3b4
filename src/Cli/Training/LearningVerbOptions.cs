using System.CommandLine;
using DataSsl.Cli.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Architectures;
using DataSsl.Search.Costs;

namespace DataSsl.Cli.Training;

/// <summary>The options of <c>train</c> that have a run learn its architecture beside the weights.</summary>
internal sealed class LearningVerbOptions
{
    private readonly Option<LearningRule?> learn = WordOption.Maybe<LearningRule>(
        "--learn-architecture",
        "Learn an architecture of the space together with the weights, and end with it: darts (a mixture of all) or proxyless (draws).");
    private readonly Option<double?> heldOut = NumberOption.Maybe(
        "--held-out", LearningOptions.Shares,
        "Share of the images that judge architectures, and that the weights do not see. Default: 0.5 (darts), 0.1 (proxyless).", "SHARE");
    private readonly Option<double?> warmup = NumberOption.Maybe(
        "--alpha-warmup", LearningOptions.Warmups,
        "Share of the steps, from the first on, in which the weights learn alone. Default: 0.25.", "SHARE");
    private readonly Option<int?> every = NumberOption.Maybe(
        "--alpha-every", LearningOptions.Intervals,
        "Steps of the weights for each of the choices' probabilities. Default: 1 (darts), 5 (proxyless).");
    private readonly Option<double?> rate = NumberOption.Maybe(
        "--alpha-rate", LearningOptions.Rates,
        "Adam's rate for the logits of the choices. Default: 0.003 (darts), 0.001 (proxyless), more in short runs: 8 over the number of "
            + "their updates.", "X");
    private readonly Option<int?> order = NumberOption.Maybe(
        "--alpha-order", LearningOptions.Orders,
        "Of darts: 1, or 2 to judge choices by the weights after their next step, which makes a step about three times as long; with sgd. "
            + "Default: 1.");
    private readonly Option<int?> paths = NumberOption.Maybe(
        "--paths", LearningOptions.PathCounts, "Of proxyless: architectures drawn for each step of the choices. Default: 2.");
    private readonly Option<double?> costWeight = NumberOption.Maybe(
        "--cost-weight", LearningOptions.Weights,
        "What a mean cost of e times the budget adds to the loss that choices are judged by. Default: 1.", "X");

    /// <summary>What the architecture may cost.</summary>
    public Option<string> Budget { get; } = new("--budget")
    {
        Description = "What the learnt architecture may cost: MACs such as <=4M or 3-4G, params<=25M, both joined by ' and ', or the name "
            + "of a budget of the space. Default: anything.",
        HelpName = "BUDGET",
    };

    /// <summary>All of them; the first has a run learn, and the others go with it.</summary>
    public IReadOnlyList<Option> All => [learn, Budget, heldOut, warmup, every, rate, order, paths, costWeight];

    /// <summary>How the architecture is learnt; null where it is not.</summary>
    /// <param name="images">All that there are.</param>
    /// <exception cref="UserException">One of the others is given without the first, or the budget is none.</exception>
    public LearningOptions? Read(ParseResult parsed, RunBasis run, int images)
    {
        if (parsed.GetValue(learn) is not { } rule)
        {
            if (All.FirstOrDefault(parsed.IsGiven) is { } lonely)
                throw new UserException($"{lonely.Name} goes with --learn-architecture; give that as well, or leave it out");
            return null;
        }
        foreach (var (option, other) in new (Option, LearningRule)[] { (order, LearningRule.Darts), (paths, LearningRule.Proxyless) })
            if (parsed.IsGiven(option) && rule != other)
                throw new UserException($"{option.Name} goes with --learn-architecture {other.ToString().ToLowerInvariant()}");
        var usual = LearningOptions.Usual(rule);
        var asked = usual with
        {
            Budget = parsed.GetValue(Budget) is { } text ? Canonical(run.Space, text) : null,
            HeldOut = parsed.GetValue(heldOut) ?? usual.HeldOut,
            Warmup = parsed.GetValue(warmup) ?? usual.Warmup,
            Every = parsed.GetValue(every) ?? usual.Every,
            Order = parsed.GetValue(order) ?? usual.Order,
            Paths = parsed.GetValue(paths) ?? usual.Paths,
            CostWeight = parsed.GetValue(costWeight) ?? usual.CostWeight,
        };
        var steps = (long)run.Epochs * ((images - asked.HeldOutOf(images)) / run.Batch);
        return asked with { Rate = parsed.GetValue(rate) ?? asked.ReachingRate(steps) };
    }

    /// <summary>A budget in the one form that a run keeps.</summary>
    public static string Canonical(SearchSpace space, string text) => Search.Costs.Budget.Of(space, text).ToString();
}
