namespace DataSsl.Runtime.Views;

/// <summary>Which part of an image a view shows.</summary>
public enum CropRule
{
    /// <summary>A random area and aspect ratio at a random place, squeezed into the square (torchvision's RandomResizedCrop).</summary>
    RandomResized,

    /// <summary>The middle square, after the short side is resized to 256/224 of the view's (the usual evaluation).</summary>
    Center,

    /// <summary>
    /// The whole image squeezed into the square; a longer or flatter image than the recipe's aspect range loses its ends. This is what a random
    /// resized crop of area (1, 1) comes to, the released search pipeline for classification.
    /// </summary>
    Whole,
}
