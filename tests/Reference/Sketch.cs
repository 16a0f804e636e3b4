using static TorchSharp.torch;

namespace DataSsl.Tests;

/// <summary>
/// Four numbers for a tensor, each the sum of its values times random factors of variance 1. Of a difference of tensors they have the size
/// of its Euclidean norm (a difference is missed only where it is at right angles to all four), so recordings hold them in the tensors'
/// place.
/// </summary>
internal static class Sketch
{
    private const int Count = 4;
    private static readonly float[][] factors = new float[Count][];
    private static readonly Lock making = new();

    /// <summary>Asserts |actual - expected| &lt;= tolerance * |actual| + rounding of the tensor whose sketch [4] was recorded.</summary>
    public static void MustBe(Tensor expected, Tensor actual, double tolerance, string what, double rounding = 0)
    {
        var (error, norm) = Difference(expected, actual);
        // Not a number compares with nothing.
        Assert.True(error <= tolerance * Math.Max(norm, 1e-6) + rounding, $"{what}: differs by {error:g3}, its norm is {norm:g3}");
    }

    /// <summary>The norm of the difference from a tensor whose sketch was recorded, and the norm of this one.</summary>
    public static (double Error, double Norm) Difference(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        var values = actual.detach().to(ScalarType.Float64).flatten();
        var (wanted, sum) = (expected.data<float>().ToArray(), 0d);
        Assert.Equal(Count, wanted.Length);
        for (var k = 0; k < Count; k++)
            sum += Math.Pow(tensor(Factors(k, (int)values.shape[0])).to(ScalarType.Float64).dot(values).item<double>() - wanted[k], 2);
        return (Math.Sqrt(sum / Count), values.norm().item<double>());
    }

    private static ArraySegment<float> Factors(int k, int count)
    {
        lock (making)
        {
            if ((factors[k]?.Length ?? 0) < count) factors[k] = Seeded.Values($"sketch{k}", count, (float)Math.Sqrt(3));
            return new(factors[k], 0, count);
        }
    }
}
