using DataSsl.Runtime.Supernets;

namespace DataSsl.Runtime.Training.Architectures;

/// <summary>Where the choices of a run stand.</summary>
/// <param name="Choices">Each that is open in the space.</param>
/// <param name="Macs">Mean multiply-accumulates of an architecture that is drawn.</param>
/// <param name="HeldOutLoss">The last one; null in the warm-up.</param>
public sealed record ArchitectureProgress(IReadOnlyList<ChoiceProgress> Choices, double Macs, double? HeldOutLoss)
{
    /// <summary>The mean entropy of the choices, of the most.</summary>
    public double Entropy => Choices.Average(choice => choice.Entropy);

    /// <summary>Where they stand.</summary>
    public static ArchitectureProgress Of(SearchSpace space, ChoiceLogits logits, CostTerm costs, double? loss)
    {
        var (p, entropies) = (logits.Probabilities, logits.Entropies);
        return new(
            [
                .. Enumerable.Range(0, p.Length).Where(axis => p[axis].Length > 1).Select(axis =>
                {
                    var likeliest = Array.IndexOf(p[axis], p[axis].Max());
                    return new ChoiceProgress(
                        space.Axes[axis].Path, entropies[axis], space.Axes[axis].Values[likeliest], p[axis][likeliest]);
                }),
            ],
            costs.Macs(p), loss);
    }
}

/// <summary>Where a choice stands.</summary>
/// <param name="Name">Such as <c>stage1.width</c>.</param>
/// <param name="Entropy">Of the most that it could have: 1 where all values are alike, 0 where it is decided.</param>
/// <param name="Likeliest">The value that is likeliest.</param>
/// <param name="Probability">Its probability.</param>
public sealed record ChoiceProgress(string Name, double Entropy, int Likeliest, double Probability);
