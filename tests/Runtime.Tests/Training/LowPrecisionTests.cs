using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Torch;
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
        AreNear(full, low, length: 0.03);
        var moved = low.Networks.StudentWeights.Values.detach() - start;
        Assert.Equal(ScalarType.Float32, moved.dtype);
        Assert.True(Close.Norm(moved) > 0);
    }

    /// <summary>Gradients of 32 groups and three students: each is small beside the sum, which in 16 bits would stand still.</summary>
    [Fact]
    public void Gradients_of_many_groups_are_those_of_float32()
    {
        using var scope = NewDisposeScope();
        const int groups = 32;
        var options = TinyModel.Method with { NormGroups = groups, Objective = TinyModel.Objective with { QueueLength = 2 * groups } };
        using var full = TinyModel.Create(options);
        using var low = TinyModel.Create(options, ScalarType.BFloat16);
        using var generator = new TorchSharp.torch.Generator(5);
        var views = Enumerable.Range(0, 2).Select(_ => MemoryFormat.ChannelsLast(randn([2 * groups, 3, 32, 32], generator: generator)))
            .ToArray();
        var architectures = TinyModel.Architectures(options, 0);
        Close.To(
            full.Step(TinyModel.Batched(views), architectures, TinyModel.At(0), 0.05),
            low.Step(TinyModel.Batched(views), architectures, TinyModel.At(0), 0.05), 0.01, "losses");
        AreNear(full, low, length: 0.01);
    }

    /// <summary>1 and 64 times 1/512: in 16 bits it stays 1.</summary>
    [Fact]
    public void Gradients_are_added_up_in_32_bits()
    {
        using var scope = NewDisposeScope();
        using var store = new ParameterStore();
        var slot = store.Declare("w", [4, 3, 1, 1], Initializer.Ones, lowPrecision: true);
        store.Allocate(CPU, ScalarType.BFloat16, trainable: true);
        // As a stem's, which runs before the students and back after them.
        var stem = slot.Slice(1, 1).sum();
        for (var i = 0; i <= 64; i++) (slot.Slice(2, 3) * (i == 0 ? 1 : 1.0 / 512)).sum().backward();
        stem.backward();
        Close.SameBits(
            tensor(new float[] { 2.125f, 1.125f, 1.125f, 1.125f, 1.125f, 1.125f, 0, 0, 0, 0, 0, 0 }).view(4, 3, 1, 1), slot.FullGradient(),
            "sum");
        store.ZeroGradients();
        Assert.Equal(0, slot.FullGradient().count_nonzero().item<long>());
    }

    /// <summary>
    /// Every parameter's gradient points the same way and is as long; a single scale or shift feels every rounding of what flows into it.
    /// </summary>
    private static void AreNear(Pretraining full, Pretraining low, double length)
    {
        Assert.InRange(Cosine(Whole(full), Whole(low)), 0.99, 1.0001);
        Assert.InRange(Close.Norm(Whole(low)) / Close.Norm(Whole(full)), 1 - length, 1 + length);
        foreach (var (slot, other) in full.Networks.StudentWeights.Slots.Zip(low.Networks.StudentWeights.Slots))
        {
            var (cosine, ratio) = (Cosine(slot.FullGradient(), other.FullGradient()),
                Close.Norm(other.FullGradient()) / Close.Norm(slot.FullGradient()));
            Assert.True(
                cosine > 0.9 && ratio is > 0.6 and < 1.5, $"gradient of {slot.Key}: cosine {cosine:0.000}, {ratio:0.000} times as long");
        }
    }

    private static Tensor Whole(Pretraining model) =>
        cat([.. model.Networks.StudentWeights.Slots.Select(s => s.FullGradient().flatten().to(ScalarType.Float32))]);

    private static double Cosine(Tensor a, Tensor b) => (a * b).sum().item<float>() / (Close.Norm(a) * Close.Norm(b));
}
