using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>bfloat16 convolutions over 32-bit master weights.</summary>
public sealed class LowPrecisionTests
{
    [Fact]
    public void A_step_in_bfloat16_is_near_the_one_in_float32_and_moves_the_master_weights()
    {
        using var scope = NewDisposeScope();
        var options = TinyModel.Method with { Optimizer = TinyModel.Method.Optimizer with { WeightDecay = 0 } };
        using var full = TinyModel.Create(options);
        using var low = TinyModel.Create(options, ScalarType.BFloat16);
        Close.SameBits(full.Networks.StudentWeights.Values, low.Networks.StudentWeights.Values, "the start");
        var start = full.Networks.StudentWeights.Values.detach().clone();
        var (queries, keys) = TinyModel.Views(0);
        var architectures = TinyModel.Architectures(options, 0);

        var expected = full.Step(TinyModel.Batched(queries, keys), architectures, TinyModel.At(0), 0.05);
        var losses = low.Step(TinyModel.Batched(queries, keys), architectures, TinyModel.At(0), 0.05);

        Close.To(expected, losses, 0.03, "losses");
        // Collected from the compute type into the 32-bit buffer: pointing the same way, convolutions and the rest.
        Assert.InRange(Cosine(Whole(full), Whole(low)), 0.98, 1.0001);
        // A single scale or shift over a batch of four feels every rounding of what flows into it.
        foreach (var (slot, other) in full.Networks.StudentWeights.Slots.Zip(low.Networks.StudentWeights.Slots))
        {
            var cosine = Cosine(slot.FullGradient(), other.FullGradient());
            Assert.True(cosine > 0.75, $"gradient of {slot.Key}: cosine {cosine:0.000}");
        }
        var moved = low.Networks.StudentWeights.Values.detach() - start;
        Assert.Equal(ScalarType.Float32, moved.dtype);
        Assert.True(Close.Norm(moved) > 0);
    }

    private static Tensor Whole(Pretraining model) => cat([.. model.Networks.StudentWeights.Slots.Select(s => s.FullGradient().flatten().to(ScalarType.Float32))]);

    private static double Cosine(Tensor a, Tensor b) => (a * b).sum().item<float>() / (Close.Norm(a) * Close.Norm(b));
}
