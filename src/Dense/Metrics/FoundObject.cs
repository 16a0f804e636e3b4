using DataSsl.Dense.Data;

namespace DataSsl.Dense.Metrics;

/// <summary>An object that a detector found.</summary>
/// <param name="Class">Which of the classes, from 0.</param>
/// <param name="Score">How sure it is; only the order counts.</param>
/// <param name="Box">Where it is, in the image's pixels.</param>
/// <param name="Mask">Its pixels; null from a detector of boxes.</param>
public sealed record FoundObject(int Class, double Score, Box Box, RunMask? Mask = null);
