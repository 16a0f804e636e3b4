using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Search.Candidates;

/// <summary>What evolution makes of architectures of the grid.</summary>
internal static class Offspring
{
    /// <summary>
    /// The segments of one up to a cut and those of the other from it: a segment's choices belong together, and the child shares its first
    /// parent's prefix.
    /// </summary>
    public static int[] Cross(Architecture first, Architecture second, ref CounterRandom random)
    {
        var cut = (int)random.Below(first.Space.Segments.Count + 1);
        var choices = first.Choices.ToArray();
        foreach (var axis in first.Space.Segments.Skip(cut).SelectMany(s => s.Axes)) choices[axis] = second[axis];
        return choices;
    }

    /// <summary>
    /// Moves one axis, and each other with the chance of one in their number, to a near value of the grid, a quarter of the axis away at
    /// most: budgets are narrow, and what was good is kept.
    /// </summary>
    public static void Mutate(int[] choices, SearchSpace space, ref CounterRandom random)
    {
        var open = Enumerable.Range(0, choices.Length).Where(axis => space.Axes[axis].Values.Count > 1).ToArray();
        if (open.Length == 0) return;
        var sure = open[random.Below(open.Length)];
        foreach (var axis in open)
            if (axis == sure || random.Chance(1.0 / open.Length))
                choices[axis] = Near(space.Axes[axis].Values.AsSpan(), choices[axis], ref random);
    }

    private static int Near(ReadOnlySpan<int> values, int value, ref CounterRandom random)
    {
        // An axis may stand between two values where its architecture is off the grid.
        var at = values.BinarySearch(value) is >= 0 and var found ? found : 0;
        var reach = Math.Max(1, values.Length / 4);
        var (low, high) = (Math.Max(0, at - reach), Math.Min(values.Length - 1, at + reach));
        var place = low + (int)random.Below(high - low);
        return values[place < at ? place : place + 1];
    }
}
