namespace DataSsl.Search.Results;

/// <summary>How alike two rankings are.</summary>
public static class RankCorrelation
{
    /// <summary>
    /// Spearman's coefficient: the correlation of the ranks, equal values sharing their mean rank. Not a number where one of the two does
    /// not vary.
    /// </summary>
    public static double Spearman(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        MustMatch(a, b);
        return a.Count == 0 ? double.NaN : PearsonCorrelation.Coefficient(Ranks(a), Ranks(b));
    }

    /// <summary>
    /// Spearman's coefficient with other rankings set aside: the correlation of what is left of both ranks after a least-squares fit by the
    /// others' ranks. Not a number where nothing is left of one.
    /// </summary>
    public static double PartialSpearman(
        IReadOnlyList<double> a, IReadOnlyList<double> b, params IReadOnlyList<IReadOnlyList<double>> given)
    {
        var basis = new List<double[]>();
        foreach (var values in given)
        {
            MustMatch(a, values);
            if (Rest(values) is { } rest) basis.Add(rest);
        }
        MustMatch(a, b);
        return Rest(a) is { } x && Rest(b) is { } y ? Product(x, y) / Math.Sqrt(Product(x, x) * Product(y, y)) : double.NaN;

        // Of the ranks what is orthogonal to those set aside; null where that is rounding alone.
        double[]? Rest(IReadOnlyList<double> values)
        {
            var rest = Array.ConvertAll(Ranks(values), rank => rank - (values.Count + 1) / 2.0);
            var all = Product(rest, rest);
            foreach (var other in basis)
            {
                var share = Product(rest, other) / Product(other, other);
                for (var i = 0; i < rest.Length; i++) rest[i] -= share * other[i];
            }
            return Product(rest, rest) > 1e-10 * all ? rest : null;
        }

        static double Product(double[] x, double[] y)
        {
            var sum = 0.0;
            for (var i = 0; i < x.Length; i++) sum += x[i] * y[i];
            return sum;
        }
    }

    /// <summary>
    /// Kendall's tau-b: pairs that both rankings order alike less those that they order otherwise, over the geometric mean of the pairs
    /// that each orders at all. Not a number where one of the two does not vary. By Knight's algorithm: sorted by one, the other's
    /// inversions are those of a merge sort.
    /// </summary>
    public static double KendallTauB(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        MustMatch(a, b);
        var order = Enumerable.Range(0, a.Count).OrderBy(i => a[i]).ThenBy(i => b[i]).ToArray();
        var (x, y) = (Array.ConvertAll(order, i => a[i]), Array.ConvertAll(order, i => b[i]));
        var tiedInBoth = TiedPairs(x.Length, i => x[i].Equals(x[i - 1]) && y[i].Equals(y[i - 1]));
        var tiedInA = TiedPairs(x.Length, i => x[i].Equals(x[i - 1]));
        var inversions = SortCountingInversions(y, new double[y.Length], 0, y.Length);
        var tiedInB = TiedPairs(y.Length, i => y[i].Equals(y[i - 1]));
        var pairs = (long)x.Length * (x.Length - 1) / 2;
        return (pairs - tiedInA - tiedInB + tiedInBoth - 2 * inversions) / Math.Sqrt((double)(pairs - tiedInA) * (pairs - tiedInB));
    }

    private static void MustMatch(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        if (a.Count != b.Count) throw new ArgumentException($"{a.Count} values against {b.Count}", nameof(b));
    }

    /// <summary>The ranks from 1 for the smallest; equals share their mean rank.</summary>
    internal static double[] Ranks(IReadOnlyList<double> values)
    {
        var (sorted, order, ranks) = (values.ToArray(), Enumerable.Range(0, values.Count).ToArray(), new double[values.Count]);
        Array.Sort(sorted, order);
        for (var start = 0; start < order.Length;)
        {
            var end = start + 1;
            while (end < order.Length && sorted[end].Equals(sorted[start])) end++;
            for (var i = start; i < end; i++) ranks[order[i]] = (start + 1 + end) / 2.0;
            start = end;
        }
        return ranks;
    }

    /// <summary>Pairs within runs of equals of a sorted list.</summary>
    private static long TiedPairs(int count, Func<int, bool> equalsThePrevious)
    {
        var (tied, run) = (0L, 0L);
        for (var i = 1; i < count; i++) tied += run = equalsThePrevious(i) ? run + 1 : 0;
        return tied;
    }

    private static long SortCountingInversions(double[] values, double[] room, int start, int end)
    {
        if (end - start < 2) return 0;
        var middle = (start + end) / 2;
        var inversions = SortCountingInversions(values, room, start, middle) + SortCountingInversions(values, room, middle, end);
        for (var (left, right, to) = (start, middle, start); to < end; to++)
        {
            var takesRight = left == middle || right < end && values[right] < values[left];
            if (takesRight) inversions += middle - left;
            room[to] = takesRight ? values[right++] : values[left++];
        }
        Array.Copy(room, start, values, start, end - start);
        return inversions;
    }
}
