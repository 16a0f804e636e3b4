using DataSsl.Runtime.Data;

namespace DataSsl.Dense.Data;

/// <summary>How a set of labelled images is read.</summary>
public sealed record DenseOptions
{
    /// <summary>
    /// The classes' names in the order of their numbers; null for those that the set names. Give those of the training set where another is
    /// read: a set that lacks one would number the others otherwise.
    /// </summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>Whether objects without a mask are of no use.</summary>
    public bool WithMasks { get; init; }

    /// <summary>In index masks the number of pixels that nothing is said of: neither trained on nor counted.</summary>
    public int Void { get; init; } = 255;

    /// <summary>
    /// How images are read and kept. They keep their size, since boxes and masks are in its pixels: the canvas does not count.
    /// </summary>
    public ImageStoreOptions Images { get; init; } = new();

    /// <summary>The same, of images at their size.</summary>
    internal ImageStoreOptions WholeImages => Images with { Canvas = int.MaxValue };
}
