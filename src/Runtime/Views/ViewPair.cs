using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>Two views of each image of a batch: [N, 3, S, S] each, float32 with channels-last strides, the same image at the same place.</summary>
public sealed record ViewPair(Tensor Queries, Tensor Keys) : IDisposable
{
    /// <summary>Room for the views of <paramref name="count"/> images on the CPU, outside any dispose scope.</summary>
    internal static ViewPair Allocate(int count, int size)
    {
        return new(Room(), Room());

        Tensor Room()
        {
            using var scope = NewDisposeScope();
            return empty([count, size, size, 3], dtype: ScalarType.Float32).permute(0, 3, 1, 2).DetachFromDisposeScope();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Queries.Dispose();
        Keys.Dispose();
    }
}
