namespace DataSsl.Runtime.Curation;

/// <summary>What a look at an image may find wrong with it, the worst first.</summary>
public enum ImageFault
{
    /// <summary>Nearly one grey value all over.</summary>
    Empty,

    /// <summary>Three quarters of it are nearly black.</summary>
    Dark,

    /// <summary>Three quarters of it are nearly white.</summary>
    Bright,

    /// <summary>The short side has fewer pixels than are asked for.</summary>
    Tiny,

    /// <summary>One side is more than four times the other.</summary>
    Stretched,
}
