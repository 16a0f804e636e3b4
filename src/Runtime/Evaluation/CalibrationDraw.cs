using System.Globalization;

namespace DataSsl.Runtime.Evaluation;

/// <summary>How many images BatchNorm's statistics are taken over, and in which batches.</summary>
/// <param name="Count">At most so many; all where there are fewer.</param>
/// <param name="Batch">At most so many together: while they are gathered, a layer normalises by the batch at hand.</param>
public readonly record struct CalibrationDraw(int Count, int Batch = CalibrationDraw.UsualBatch)
{
    /// <summary>Images of a batch where nothing else is said.</summary>
    public const int UsualBatch = 128;

    /// <summary>Images, or batches, that can be asked for.</summary>
    public static Bounds<int> Bounds { get; } = new(1, 1_000_000_000);

    /// <summary>Four batches of 128.</summary>
    public static CalibrationDraw Default { get; } = new(512);

    /// <summary>So many images in batches of the usual size.</summary>
    public static implicit operator CalibrationDraw(int count) => new(count);

    /// <summary>
    /// Reads a number of images, <c>512</c>, or of batches and images in each, <c>5x1024</c>, which is the paper's (after US-Nets).
    /// </summary>
    public static bool TryRead(string text, out CalibrationDraw draw)
    {
        draw = default;
        var parts = text.Split('x');
        if (parts.Length > 2 || !Bounds.TryRead(parts[0], out var first)) return false;
        if (parts.Length == 1) draw = new(first);
        else if (Bounds.TryRead(parts[1], out var batch) && (long)first * batch <= Bounds.To) draw = new(first * batch, batch);
        return draw.Count > 0;
    }

    /// <inheritdoc/>
    public override string ToString() => Batch == UsualBatch
        ? Count.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Count / Batch}x{Batch}");
}
