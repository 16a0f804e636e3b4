using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>
/// The gradient by architecture parameters of a loss after a step of the weights, which depends on them too (Liu et al. 2019, equations 7
/// and 8): with w' = w - rate * dL_train(w), it is dL_held(w') by the parameters, less rate times the mixed second derivative of L_train
/// times dL_held(w') by the weights. That product is a difference of two gradients of L_train, at w plus and minus 0.01 / |d| times d.
/// </summary>
public static class UnrolledGradient
{
    /// <summary>The difference's length, of the weights together: the paper's footnote.</summary>
    private const double Length = 0.01;

    /// <summary>
    /// Computes it; weights and what the optimizer keeps are afterwards as before, to the bit. The optimizer is SGD that
    /// keeps gradients apart from its momentum: momentum and decay move w', and do not depend on the parameters.
    /// </summary>
    /// <param name="weights">The store of the weights.</param>
    /// <param name="optimizer">What steps them.</param>
    /// <param name="step">The step.</param>
    /// <param name="training">Leaves the gradient of L_train by the weights in the store, in the place of what is there, and returns that
    /// by the parameters.</param>
    /// <param name="heldOut">The same of L_held.</param>
    public static double[][] Of(
        ParameterStore weights, Optimizer optimizer, OptimizerStep step, Func<double[][]> training, Func<double[][]> heldOut)
    {
        using var scope = NewDisposeScope();
        using var before = weights.Values.clone();
        var kept = optimizer.State.Select(state => (state.Values, Before: state.Values.clone())).ToList();
        training();
        optimizer.Step(step);
        var gradient = heldOut();
        using var direction = weights.Gradients.clone();
        foreach (var (values, own) in kept) Put(values, own);
        // What the step leaves alone does not depend on the parameters.
        if (step.Step < step.FrozenSteps) Clear(direction, optimizer.LateSlots);
        var norm = Norm(direction);
        if (norm > 0)
        {
            var epsilon = Length / norm;
            var (above, below) = (At(+epsilon), At(-epsilon));
            for (var axis = 0; axis < gradient.Length; axis++)
                for (var i = 0; i < gradient[axis].Length; i++)
                    gradient[axis][i] -= step.Rate * (above[axis][i] - below[axis][i]) / (2 * epsilon);
        }
        Put(weights.Values, before);
        return gradient;

        double[][] At(double share)
        {
            Put(weights.Values, before, direction, share);
            return training();
        }
    }

    private static double Norm(Tensor direction)
    {
        using var grad = no_grad();
        using var norm = direction.norm();
        return norm.item<float>();
    }

    private static void Clear(Tensor flat, IEnumerable<ParameterSlot> slots)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var slot in slots) slot.ViewOf(flat).zero_();
    }

    private static void Put(Tensor values, Tensor own, Tensor? direction = null, double share = 0)
    {
        using var grad = no_grad();
        values.copy_(own);
        if (direction is not null) values.add_(direction, alpha: share);
    }
}
