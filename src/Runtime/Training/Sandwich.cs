using DataSsl.Runtime.Supernets;

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
    /// <summary>The architectures of a step, Max first: a pure function of seed and step, the same on every device.</summary>
    public static Architecture[] Draw(SearchSpace space, SandwichRule rule, ulong seed, long step)
    {
        var random = CounterRandom.For(seed, "architectures", step);
        return rule == SandwichRule.Algorithm1
            ? [space.Max, space.Sample(ref random), space.Sample(ref random)]
            : [space.Max, space.Min, space.Sample(ref random)];
    }
}
