using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Architectures;

/// <summary>
/// The gradient through a step of the weights, on losses that are written out, against differences of the whole in 64 bits.
/// </summary>
[Collection(SingleThread.Name)]
public sealed class UnrolledGradientTests
{
    private const double Rate = 0.3, Momentum = 0.9, Decay = 0.05;
    private static readonly double[] s_weights = [0.8, -0.4, 1.1], s_momentum = [0.2, 0.1, -0.3], s_alpha = [0.7, -0.5, 0.3];

    [Fact]
    public void It_is_the_derivative_of_the_loss_after_the_step()
    {
        using var scope = NewDisposeScope();
        using var store = new ParameterStore();
        var slot = store.Declare("w", [3, 1], Initializer.Zeros);
        store.Allocate(CPU, ScalarType.Float32, trainable: true);
        using var optimizer = new Sgd(store, Momentum, decayVectors: true, apart: true);
        using (no_grad())
        {
            slot.Full().copy_(Column(s_weights));
            slot.ViewOf(optimizer.Momentum).copy_(Column(s_momentum));
        }
        var (values, momentum) = (store.Values.clone(), optimizer.Momentum.clone());
        var gradient = UnrolledGradient.Of(
            store, optimizer, new(Rate, Decay, Step: 0), () => Leave(TrainingByWeights, TrainingByAlpha),
            () => Leave(HeldOutByWeights, HeldOutByAlpha));
        for (var i = 0; i < 3; i++)
        {
            const double h = 1e-5;
            var difference = (Whole(i, h) - Whole(i, -h)) / (2 * h);
            Assert.Equal(difference, gradient[0][i], 1e-3 * Math.Abs(difference));
            // Far from what the weights as they are would say.
            Assert.True(Math.Abs(HeldOutByAlpha(Stepped(s_alpha), s_alpha)[i] - difference) > 0.1 * Math.Abs(difference));
        }
        Close.SameBits(values, store.Values, "weights");
        Close.SameBits(momentum, optimizer.Momentum, "momentum");

        double[][] Leave(Func<double[], double[], double[]> byWeights, Func<double[], double[], double[]> byAlpha)
        {
            using var grad = no_grad();
            double[] w = [.. slot.Full().flatten().data<float>().ToArray().Select(x => (double)x)];
            slot.FullGradient().copy_(Column(byWeights(w, s_alpha)));
            return [byAlpha(w, s_alpha)];
        }
    }

    /// <summary>sum of alpha_i^2 w_i^3 / 3, and alpha_0 w_0 w_1 + alpha_2 sin(w_2 w_0).</summary>
    private static double[] TrainingByWeights(double[] w, double[] a)
    {
        var cosine = a[2] * Math.Cos(w[2] * w[0]);
        return
        [
            a[0] * a[0] * w[0] * w[0] + a[0] * w[1] + cosine * w[2], a[1] * a[1] * w[1] * w[1] + a[0] * w[0],
            a[2] * a[2] * w[2] * w[2] + cosine * w[0],
        ];
    }

    private static double[] TrainingByAlpha(double[] w, double[] a) =>
    [
        2 * a[0] * Math.Pow(w[0], 3) / 3 + w[0] * w[1], 2 * a[1] * Math.Pow(w[1], 3) / 3,
        2 * a[2] * Math.Pow(w[2], 3) / 3 + Math.Sin(w[2] * w[0]),
    ];

    /// <summary>sum of (w_i - i)^2 + alpha_i w_i.</summary>
    private static double HeldOut(double[] w, double[] a) => w.Select((x, i) => (x - i) * (x - i) + a[i] * x).Sum();

    private static double[] HeldOutByWeights(double[] w, double[] a) => [.. w.Select((x, i) => 2 * (x - i) + a[i])];

    private static double[] HeldOutByAlpha(double[] w, double[] a) => w;

    private static double[] Stepped(double[] alpha) =>
    [
        .. TrainingByWeights(s_weights, alpha)
            .Select((g, i) => s_weights[i] - Rate * (Momentum * s_momentum[i] + g + Decay * s_weights[i])),
    ];

    private static double Whole(int i, double by)
    {
        double[] alpha = [.. s_alpha];
        alpha[i] += by;
        return HeldOut(Stepped(alpha), alpha);
    }

    private static Tensor Column(double[] values) => tensor(Array.ConvertAll(values, x => (float)x)).view(3, 1);
}
