namespace DataSsl.Dense.Boxes;

/// <summary>The size of an image in pixels.</summary>
public readonly record struct ImageSize(long Height, long Width);
