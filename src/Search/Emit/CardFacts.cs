using DataSsl.Search.Results;

namespace DataSsl.Search.Emit;

/// <summary>What a model card says beside what the network and its proofs say themselves.</summary>
/// <param name="Checkpoint">Hash of the checkpoint whose slice the network is.</param>
/// <param name="Data">Fingerprint of the images of statistics and proof.</param>
/// <param name="Seed">Of the draw of those images.</param>
/// <param name="Version">Of this program.</param>
/// <param name="License">Under which the owner of the weights gives them away.</param>
/// <param name="From">The weights that its training started from; null for random ones.</param>
/// <param name="Teacher">The frozen network that its training learnt from; null for none.</param>
/// <param name="Choice">Why this architecture, where a search chose it.</param>
public sealed record CardFacts(
    string Checkpoint, string Data, long Seed, string Version, string License, CardChoice? Choice = null, string? From = null,
    string? Teacher = null)
{
    /// <summary>Nobody but the owner of the images and weights can say.</summary>
    public const string NoLicense = "not stated";
}

/// <summary>What a search says of its winner.</summary>
/// <param name="Budget">Such as 3-4G.</param>
/// <param name="Task">The task it is the best for.</param>
/// <param name="Members">How many candidates were within the budget.</param>
/// <param name="Scores">By task; higher is better.</param>
/// <param name="Metrics">The scores in words, by task.</param>
/// <param name="Confidence">How sure it is.</param>
public sealed record CardChoice(
    string Budget, string Task, int Members, IReadOnlyDictionary<string, double> Scores, IReadOnlyDictionary<string, string> Metrics,
    Confidence? Confidence = null);
