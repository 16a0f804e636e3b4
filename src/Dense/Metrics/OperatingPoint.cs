namespace DataSsl.Dense.Metrics;

/// <summary>What a detector does when its detections are taken from a score on.</summary>
/// <param name="Score">The least that is taken.</param>
/// <param name="Precision">Share of what is taken that is right.</param>
/// <param name="Recall">Share of the objects that is found.</param>
public sealed record OperatingPoint(double Score, double Precision, double Recall)
{
    /// <summary>The harmonic mean of both.</summary>
    public double F1 => 2 * Precision * Recall / (Precision + Recall);
}
