using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training.Architectures;

/// <summary>
/// The architecture parameters: a logit for each value of each choice, whose softmax is its probability, and what Adam keeps of them. They
/// start at 0, all values alike.
/// </summary>
/// <remarks>They are a few dozen numbers, and lie on the CPU whatever the weights do.</remarks>
public sealed class ChoiceLogits : IDisposable
{
    private const double Epsilon = 1e-8;

    private readonly SearchSpace space;
    private readonly LearningOptions options;
    private readonly Tensor logits;
    private readonly Tensor mean;
    private readonly Tensor square;

    /// <summary>Allocates those of a space.</summary>
    public ChoiceLogits(SearchSpace space, LearningOptions options)
    {
        (this.space, this.options) = (space, options);
        var count = space.Axes.Sum(axis => axis.Values.Count);
        (logits, mean, square) = (Zeros(), Zeros(), Zeros());

        Tensor Zeros() => zeros(count, ScalarType.Float32).DetachFromDisposeScope();
    }

    /// <summary>All that the next update depends on, by the name that checkpoints give it: [values of all choices] each.</summary>
    public IReadOnlyList<(string Name, Tensor Values)> State =>
        [("architecture.logits", logits), ("architecture.mean", mean), ("architecture.square", square)];

    /// <summary>The logits, by axis.</summary>
    public double[][] Logits
    {
        get => ByAxis(logits);
        set => Write(logits, value);
    }

    /// <summary>The probabilities, by axis.</summary>
    public double[][] Probabilities => Array.ConvertAll(Logits, Softmax);

    /// <summary>How open each choice is: its entropy, of the most that it could have; 0 where there is one value.</summary>
    public double[] Entropies => Array.ConvertAll(
        Probabilities, p => p.Length == 1 ? 0 : p.Sum(x => x > 0 ? -x * Math.Log(x) : 0) / Math.Log(p.Length));

    /// <summary>An architecture whose choices are drawn each by itself; it may break a constraint between two of them.</summary>
    public Architecture Draw(ref CounterRandom random)
    {
        var p = Probabilities;
        var choices = new int[p.Length];
        for (var axis = 0; axis < p.Length; axis++)
        {
            if (p[axis].Length == 1)
            {
                choices[axis] = space.Axes[axis].Min;
                continue;
            }
            var (point, digit) = (random.NextDouble(), 0);
            while (digit < p[axis].Length - 1 && (point -= p[axis][digit]) >= 0) digit++;
            choices[axis] = space.Axes[axis].Values[digit];
        }
        return new(space, choices);
    }

    /// <summary>A gradient by the logits from one by the probabilities: p * (g - sum of p * g), choice by choice.</summary>
    public static double[][] ByLogits(IReadOnlyList<double[]> probabilities, IReadOnlyList<double[]> gradient) =>
    [
        .. probabilities.Zip(gradient, (p, g) =>
        {
            var mean = p.Zip(g, (x, y) => x * y).Sum();
            return p.Zip(g, (x, y) => x * (y - mean)).ToArray();
        }),
    ];

    /// <summary>A step of Adam, with decay as L2 in the gradient.</summary>
    /// <param name="gradient">By logit.</param>
    /// <param name="before">Updates before this one.</param>
    public void Update(IReadOnlyList<double[]> gradient, long before)
    {
        var ((first, second), count) = (options.Betas, before + 1);
        var (values, m, v) = (Logits, ByAxis(mean), ByAxis(square));
        for (var axis = 0; axis < values.Length; axis++)
        {
            // A choice of one value has no gradient, and keeps its logit.
            for (var i = 0; values[axis].Length > 1 && i < values[axis].Length; i++)
            {
                var g = gradient[axis][i] + options.Decay * values[axis][i];
                m[axis][i] = first * m[axis][i] + (1 - first) * g;
                v[axis][i] = second * v[axis][i] + (1 - second) * g * g;
                var (corrected, spread) = (m[axis][i] / (1 - Math.Pow(first, count)), v[axis][i] / (1 - Math.Pow(second, count)));
                values[axis][i] -= options.Rate * corrected / (Math.Sqrt(spread) + Epsilon);
            }
        }
        Logits = values;
        Write(mean, m);
        Write(square, v);
    }

    private static double[] Softmax(double[] logits)
    {
        var most = logits.Max();
        var raised = Array.ConvertAll(logits, x => Math.Exp(x - most));
        var sum = raised.Sum();
        return Array.ConvertAll(raised, x => x / sum);
    }

    private double[][] ByAxis(Tensor flat)
    {
        var (all, start) = (flat.data<float>().ToArray(), 0);
        return [.. space.Axes.Select(axis => Array.ConvertAll(all[start..(start += axis.Values.Count)], x => (double)x))];
    }

    private static void Write(Tensor flat, IReadOnlyList<double[]> values)
    {
        using var grad = no_grad();
        using var all = tensor(values.SelectMany(v => v).Select(x => (float)x).ToArray());
        flat.copy_(all);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, values) in State) values.Dispose();
    }
}
