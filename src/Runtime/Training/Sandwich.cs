using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Objectives;

namespace DataSsl.Runtime.Training;

/// <summary>Which architectures a step trains.</summary>
public enum SandwichRule
{
    /// <summary>DATA, Algorithm 1: Max and two random; one teacher forward, one momentum update after the optimizer, one enqueue.</summary>
    Algorithm1,

    /// <summary>The released code: Max, Min and one random, each with its own momentum update, teacher forward and enqueue before it.</summary>
    Released,
}

/// <summary>Draws the students of a step.</summary>
public static class Sandwich
{
    /// <summary>
    /// Half of a short run's steps train Max alone: subnets that join beside a teacher that has learnt are better for it at equal work, and so is Max. It was chosen on validation images of two sets at 900 to 1,600 steps
    /// of moco-v2; a run of the paper's length is the paper's. The released rule stays as released.
    /// </summary>
    public static double MaxFirst(SandwichRule rule, ObjectiveDefaults run) => rule == SandwichRule.Algorithm1 ? Math.Round((Math.Min(run.Shortness, 4) - 1) / 6, 3) : 0;

    /// <summary>The architectures of a step, Max first: a pure function of seed and step, the same on every device.</summary>
    public static Architecture[] Draw(SearchSpace space, SandwichRule rule, ulong seed, long step)
    {
        var random = CounterRandom.For(seed, "architectures", step);
        return rule == SandwichRule.Algorithm1
            ? [space.Max, space.Sample(ref random), space.Sample(ref random)]
            : [space.Max, space.Min, space.Sample(ref random)];
    }
}
