namespace DataSsl.Runtime.Views;

/// <summary>The numbers that a view can have, whoever says them: a plan in a recipe, a saved configuration.</summary>
public static class ViewBounds
{
    /// <summary>Views of an image.</summary>
    public const int Most = 64;

    /// <summary>The side of a view in pixels.</summary>
    public static Bounds<int> Size { get; } = new(1, 8192);

    /// <summary>A crop's share of the image's area.</summary>
    public static Bounds<double> Area { get; } = new(0, 1) { IsAbove = true };

    /// <summary>A crop's width over its height.</summary>
    public static Bounds<double> Aspect { get; } = new(0.01, 100);

    /// <summary>A probability.</summary>
    public static Bounds<double> Chance { get; } = new(0, 1);

    /// <summary>How far brightness, contrast or saturation are turned.</summary>
    public static Bounds<double> Strength { get; } = new(0, 10);

    /// <summary>How far the colour circle is turned, as a share of it.</summary>
    public static Bounds<double> Hue { get; } = new(0, 0.5);

    /// <summary>How far a band's gain is turned.</summary>
    public static Bounds<double> Gain { get; } = new(0, 1);

    /// <summary>The noise of a band, in its deviations.</summary>
    public static Bounds<double> Noise { get; } = new(0, 10);

    /// <summary>A blur's standard deviation in pixels.</summary>
    public static Bounds<double> Sigma { get; } = new(0, 100) { IsAbove = true };

    /// <summary>A channel's mean, of values from 0 to 1.</summary>
    public static Bounds<double> Mean { get; } = new(-1000, 1000);

    /// <summary>A channel's standard deviation.</summary>
    public static Bounds<double> Deviation { get; } = new(1e-6, 1000);

    /// <summary>A pair's share of the loss.</summary>
    public static Bounds<double> Weight { get; } = new(0, 1) { IsAbove = true };
}
