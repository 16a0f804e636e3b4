using DataSsl.Runtime.Data;
using DataSsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Views;

/// <summary>Views at another size, by the filter that made them: bilinear, antialiased where they shrink.</summary>
public static class ViewResize
{
    /// <summary>[N, C, S, S] -> [N, C, size, size], with channels-last strides; the same where the size is.</summary>
    public static Tensor To(Tensor views, int size)
    {
        var side = (int)views.shape[2];
        if (side == size) return views;
        using var scope = NewDisposeScope();
        var matrix = InterpolationMatrix.Make(
                [0], _ => (new AxisMap(0, (double)side / size), side), size, side, 1, Interpolation.Bilinear, views.device)
            .select(0, 0);
        return MemoryFormat.ChannelsLast(matrix.matmul(views).matmul(matrix.t())).MoveToOuterDisposeScope();
    }
}
