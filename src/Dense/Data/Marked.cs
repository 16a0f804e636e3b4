namespace DataSsl.Dense.Data;

/// <summary>An object as a file marks it, before it is held against the image.</summary>
/// <param name="Place">The file and where in it.</param>
/// <param name="Class">The class by its name.</param>
/// <param name="Box">In pixels, or in shares of the image where <see cref="MarkedImage.IsRelative"/>.</param>
internal sealed record Marked(string Place, string Class, Box Box)
{
    /// <summary>Square pixels; null for the box's.</summary>
    public double? Area { get; init; }

    /// <summary>
    /// Makes the mask for an image of a height and width; null where there is none. Throws InvalidDataException where it is broken.
    /// </summary>
    public Func<int, int, RunMask>? Mask { get; init; }

    public bool IsCrowd { get; init; }

    public bool IsDifficult { get; init; }
}

/// <summary>All that is marked on an image.</summary>
/// <param name="Place">The file, and where in it.</param>
/// <param name="Objects">What is marked.</param>
/// <param name="Size">Width and height that the file says the image has; null where it does not.</param>
/// <param name="IsRelative">Whether boxes are in shares of the image's sides.</param>
internal sealed record MarkedImage(
    string Place, IReadOnlyList<Marked> Objects, (long Width, long Height)? Size = null, bool IsRelative = false);
