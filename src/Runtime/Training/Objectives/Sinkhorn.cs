using static TorchSharp.torch;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>Assigns images to prototypes so that all prototypes get equally many (Caron et al. 2020, section 3.1).</summary>
public static class Sinkhorn
{
    /// <summary>Scores [B, K] -> assignments [B, K]; each row sums to 1, and at convergence each column to B / K.</summary>
    /// <param name="scores">Of each image for each prototype.</param>
    /// <param name="epsilon">How soft the assignments are.</param>
    /// <param name="iterations">Of scaling columns and rows in turn.</param>
    public static Tensor Assign(Tensor scores, double epsilon, int iterations)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var (images, prototypes) = (scores.shape[0], scores.shape[1]);
        // The largest exponent is 0: a common factor goes with the first scaling, and nothing overflows.
        var q = ((scores - scores.max()) / epsilon).exp_();
        q.div_(q.sum());
        for (var i = 0; i < iterations; i++)
        {
            q.div_(q.sum(0, keepdim: true).mul_(prototypes));
            q.div_(q.sum(1, keepdim: true).mul_(images));
        }
        return q.mul_(images).MoveToOuterDisposeScope();
    }
}
