namespace DataSsl.Runtime.Data;

/// <summary>The weights of an antialiased triangle filter along one axis, from one number of samples to another.</summary>
internal sealed class Triangle
{
    private readonly int[] first;
    private readonly int[] start;
    private readonly float[] weights;

    public Triangle(int source, int target)
    {
        var scale = (double)source / target;
        var support = Math.Max(scale, 1);
        (first, start) = (new int[target], new int[target + 1]);
        var all = new List<float>();
        for (var i = 0; i < target; i++)
        {
            var centre = (i + 0.5) * scale;
            first[i] = Math.Max(0, (int)(centre - support + 0.5));
            var end = Math.Min(source, (int)(centre + support + 0.5));
            var total = 0.0;
            for (var j = first[i]; j < end; j++) total += Weight(j);
            for (var j = first[i]; j < end; j++) all.Add((float)(Weight(j) / total));
            start[i + 1] = all.Count;

            double Weight(int j) => Math.Max(0, 1 - Math.Abs(j + 0.5 - centre) / support);
        }
        weights = [.. all];
    }

    /// <summary>The weights of target sample <paramref name="i"/>, which sum to 1, and the source sample that they begin at.</summary>
    public ReadOnlySpan<float> Weights(int i, out int first)
    {
        first = this.first[i];
        return weights.AsSpan(start[i]..start[i + 1]);
    }
}
