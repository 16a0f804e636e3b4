using DataSsl.Runtime.Supernets;

namespace DataSsl.Runtime.Training.Architectures;

/// <summary>
/// What architectures cost in the mean where each choice is drawn by itself, exactly and with its gradient, in spaces of any size.
/// </summary>
/// <remarks>
/// A cost is a sum over the network's segments, and a segment's depends on its own choices and on the channels that come in. So the cost of
/// an architecture is what it is with the choices of one segment at a time and all others at their smallest, less what neighbours have in
/// common: sum over s of g(D_s) - g(D_s and those before it). A mean needs the tables of these alone. The one source of the numbers is the
/// space's own cost.
/// </remarks>
public sealed class ExpectedCost
{
    /// <summary>Architectures that the sum is checked on.</summary>
    private const int Checks = 50;

    private readonly List<Table> tables = [];

    /// <summary>Makes the tables of a cost.</summary>
    /// <param name="cost">Of an architecture.</param>
    /// <exception cref="UserException">The cost is no such sum.</exception>
    public ExpectedCost(SearchSpace space, Func<Architecture, long> cost)
    {
        var (before, earlier) = (-1, new HashSet<int>());
        foreach (var segment in space.Segments)
        {
            var own = segment.Axes.Append(before).Append(segment.ChannelAxis).Where(axis => axis >= 0).Distinct().Order().ToArray();
            tables.Add(new(space, own, +1, cost));
            if (earlier.Count > 0) tables.Add(new(space, [.. own.Where(earlier.Contains)], -1, cost));
            earlier.UnionWith(own);
            before = segment.ChannelAxis >= 0 ? segment.ChannelAxis : before;
        }
        var random = CounterRandom.For(0, "expected cost");
        for (var i = 0; i < Checks; i++)
        {
            var architecture = space.Sample(ref random);
            if (tables.Sum(table => table.Sign * table.Of(architecture)) != cost(architecture))
                throw new UserException(
                    $"the cost of {space.Name} is no sum over its segments, so its architecture cannot be learnt; use 'search'");
        }
    }

    /// <summary>The mean.</summary>
    /// <param name="probabilities">By axis, of its values.</param>
    public double Value(IReadOnlyList<double[]> probabilities) => tables.Sum(table => table.Sign * table.Mean(probabilities, null));

    /// <summary>The mean's derivative by each probability.</summary>
    /// <inheritdoc cref="Value"/>
    public double[][] Gradient(IReadOnlyList<double[]> probabilities)
    {
        double[][] gradient = [.. probabilities.Select(p => new double[p.Length])];
        foreach (var table in tables) table.Mean(probabilities, gradient);
        return gradient;
    }

    /// <summary>The costs of all choices of some axes, the last one fastest, with all others at their smallest.</summary>
    private sealed class Table
    {
        private readonly int[] axes;
        private readonly int[] lengths;
        private readonly int[][] values;
        private readonly long[] costs;

        public Table(SearchSpace space, int[] axes, int sign, Func<Architecture, long> cost)
        {
            (this.axes, Sign) = (axes, sign);
            values = [.. axes.Select(axis => space.Axes[axis].Values.ToArray())];
            lengths = [.. values.Select(v => v.Length)];
            costs = new long[lengths.Aggregate(1, (product, length) => checked(product * length))];
            var choices = space.Min.Choices.ToArray();
            var digits = new int[axes.Length];
            for (var i = 0; i < costs.Length; i++, Next(digits))
            {
                for (var k = 0; k < axes.Length; k++) choices[axes[k]] = values[k][digits[k]];
                costs[i] = cost(new(space, choices));
            }
        }

        public int Sign { get; }

        public long Of(Architecture architecture)
        {
            var place = 0;
            for (var k = 0; k < axes.Length; k++) place = place * lengths[k] + Array.BinarySearch(values[k], architecture[axes[k]]);
            return costs[place];
        }

        /// <summary>The mean; adds its derivatives, where they are wanted.</summary>
        public double Mean(IReadOnlyList<double[]> p, double[][]? gradient)
        {
            var (mean, digits) = (0.0, new int[axes.Length]);
            for (var i = 0; i < costs.Length; i++, Next(digits))
            {
                var weight = 1.0;
                for (var k = 0; k < axes.Length; k++) weight *= p[axes[k]][digits[k]];
                mean += weight * costs[i];
                for (var k = 0; gradient is not null && k < axes.Length; k++)
                {
                    var others = (double)Sign;
                    for (var other = 0; other < axes.Length; other++)
                        if (other != k) others *= p[axes[other]][digits[other]];
                    gradient[axes[k]][digits[k]] += others * costs[i];
                }
            }
            return mean;
        }

        private void Next(int[] digits)
        {
            for (var k = digits.Length - 1; k >= 0 && ++digits[k] == lengths[k]; k--) digits[k] = 0;
        }
    }
}
