using DataSsl.Dense.Data;

namespace DataSsl.Dense.Metrics;

/// <summary>What is on an image and what was found there.</summary>
/// <param name="Truth">What is marked.</param>
/// <param name="Found">What a detector found, in any order.</param>
public sealed record ImageTruth(IReadOnlyList<LabelledObject> Truth, IReadOnlyList<FoundObject> Found);
