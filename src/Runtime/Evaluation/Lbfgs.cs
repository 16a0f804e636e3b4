using static TorchSharp.torch;

namespace DataSsl.Runtime.Evaluation;

/// <summary>
/// Limited-memory BFGS (Liu and Nocedal 1989) for a smooth convex function: no draws and no rate, so the same every time.
/// </summary>
/// <param name="function">The value at a point and the gradient there, of the point's shape, in 64 bits.</param>
internal sealed class Lbfgs(Func<Tensor, (double Value, Tensor Gradient)> function)
{
    private const int Memory = 20;
    private const int MaxHalvings = 30;

    /// <summary>How much of the decrease that the slope promises a step must bring.</summary>
    private const double SufficientDecrease = 1e-4;

    /// <summary>The approximate Wolfe conditions (Hager and Zhang 2005), for values that are right to some digits only.</summary>
    private const double ValueRounding = 1e-6, LeftOfSlope = 0.9, SlopeDecrease = 0.1;

    public int MaxIterations { get; init; } = 1000;

    /// <summary>Ends where no entry of the gradient is larger.</summary>
    public double GradientTolerance { get; init; } = 1e-5;

    /// <summary>The minimum from a starting point, which it does not change; the caller disposes the result.</summary>
    public Tensor Minimize(Tensor start)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var corrections = new Queue<(Tensor Step, Tensor Change, double Curvature)>();
        var point = start.clone();
        var (value, gradient) = function(point);
        for (var iteration = 0; iteration < MaxIterations && Largest(gradient) > GradientTolerance; iteration++)
        {
            using var inner = NewDisposeScope();
            var direction = Direction(gradient, corrections);
            var slope = Dot(direction, gradient);
            // The first step has no curvature to scale it by.
            var length = corrections.Count > 0 ? 1 : Math.Min(1, 1 / Math.Sqrt(Dot(gradient, gradient)));
            if (Search(point, value, direction, slope, length) is not { } found) break;
            var (step, change) = (found.Point.sub(point), found.Gradient.sub(gradient));
            var curvature = Dot(step, change);
            if (curvature > 1e-12 * Dot(change, change))
            {
                corrections.Enqueue((step.MoveToOuterDisposeScope(), change.MoveToOuterDisposeScope(), curvature));
                if (corrections.Count > Memory) Free(corrections.Dequeue());
            }
            point.Dispose();
            gradient.Dispose();
            (point, value, gradient) = (found.Point.MoveToOuterDisposeScope(), found.Value, found.Gradient.MoveToOuterDisposeScope());
        }
        return point.MoveToOuterDisposeScope();
    }

    /// <summary>Halves the step until it brings enough; null where none does, which is at the minimum to rounding.</summary>
    private (Tensor Point, double Value, Tensor Gradient)? Search(Tensor from, double value, Tensor direction, double slope, double length)
    {
        for (var halving = 0; halving < MaxHalvings; halving++, length /= 2)
        {
            var point = from.add(direction, alpha: length);
            var (reached, gradient) = function(point);
            if (reached < value && reached <= value + SufficientDecrease * length * slope) return (point, reached, gradient);
            // Near the minimum the values differ by their rounding alone, and the slopes still tell.
            if (reached <= value + ValueRounding * Math.Abs(value) && Dot(direction, gradient) is var end && end >= LeftOfSlope * slope
                && end <= (2 * SlopeDecrease - 1) * slope)
                return (point, reached, gradient);
            point.Dispose();
            gradient.Dispose();
        }
        return null;
    }

    /// <summary>The two loops over what the last steps told of the curvature.</summary>
    private static Tensor Direction(Tensor gradient, IReadOnlyCollection<(Tensor Step, Tensor Change, double Curvature)> corrections)
    {
        var direction = gradient.neg();
        var weights = new Stack<double>();
        foreach (var (step, change, curvature) in corrections.Reverse())
        {
            weights.Push(Dot(step, direction) / curvature);
            direction.add_(change, alpha: -weights.Peek());
        }
        if (corrections.Count > 0)
        {
            var (_, change, curvature) = corrections.Last();
            direction.mul_(curvature / Dot(change, change));
        }
        foreach (var (step, change, curvature) in corrections)
            direction.add_(step, alpha: weights.Pop() - Dot(change, direction) / curvature);
        return direction;
    }

    private static void Free((Tensor Step, Tensor Change, double) correction)
    {
        correction.Step.Dispose();
        correction.Change.Dispose();
    }

    private static double Largest(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        return gradient.abs().max().item<double>();
    }

    private static double Dot(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return a.mul(b).sum().item<double>();
    }
}
