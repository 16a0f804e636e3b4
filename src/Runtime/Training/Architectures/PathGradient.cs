using DataSsl.Runtime.Supernets;

namespace DataSsl.Runtime.Training.Architectures;

/// <summary>
/// The gradient of the mean loss of drawn architectures by the logits of their probabilities, from a few draws: REINFORCE, as ProxylessNAS
/// has it beside its gates (Cai et al. 2019, section 3.3), where each draw is judged by the mean of the others. It is unbiased, and needs
/// losses alone. (Their gates add up the outputs of single layers, which slices of different widths do not allow.)
/// </summary>
public static class PathGradient
{
    /// <summary>
    /// 1 / M times the sum over m of (L_m - mean of the others' L) times the gradient of log p(a_m), which is 1 at what was chosen, less
    /// the probability, at each value.
    /// </summary>
    /// <param name="probabilities">By axis, of its values.</param>
    /// <param name="paths">Drawn by them, two or more.</param>
    /// <param name="losses">Of each on the same images.</param>
    public static double[][] Of(
        IReadOnlyList<double[]> probabilities, IReadOnlyList<Architecture> paths, IReadOnlyList<double> losses)
    {
        double[][] gradient = [.. probabilities.Select(p => new double[p.Length])];
        var (count, sum) = (paths.Count, losses.Sum());
        for (var m = 0; m < count; m++)
        {
            var share = (losses[m] - (sum - losses[m]) / (count - 1)) / count;
            for (var axis = 0; axis < gradient.Length; axis++)
            {
                var chosen = paths[m].Space.Axes[axis].Values.AsSpan().BinarySearch(paths[m][axis]);
                for (var v = 0; v < gradient[axis].Length; v++)
                    gradient[axis][v] += share * ((v == chosen ? 1 : 0) - probabilities[axis][v]);
            }
        }
        return gradient;
    }
}
