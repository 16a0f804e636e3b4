using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>Comparisons of tensors.</summary>
internal static class Close
{
    /// <summary>Asserts |actual - expected| &lt;= tolerance * |expected| + rounding in the Euclidean norm.</summary>
    public static void To(Tensor expected, Tensor actual, double tolerance, string what, double rounding = 0)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        var scale = Norm(expected);
        var error = Norm(actual.detach() - expected.detach());
        Assert.True(error <= tolerance * Math.Max(scale, 1e-6) + rounding, $"{what}: differs by {error:g3}, its norm is {scale:g3}");
    }

    public static void SameBits(Tensor expected, Tensor actual, string what)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(expected.detach().contiguous().bytes.SequenceEqual(actual.detach().contiguous().bytes), $"{what}: differs");
    }

    public static double Norm(Tensor tensor) => Math.Sqrt(tensor.detach().to(ScalarType.Float64).square().sum().item<double>());
}
