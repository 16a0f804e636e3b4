namespace DataSsl.Kernels;

/// <summary>How work is dealt to threads.</summary>
internal static class Portion
{
    /// <summary>A part's share of a number of items, in whole grains.</summary>
    public static (int First, int End) Of(int count, int grain, int part, int parts)
    {
        var grains = (count + grain - 1) / grain;
        return (Math.Min(count, grains * part / parts * grain), Math.Min(count, grains * (part + 1) / parts * grain));
    }
}
