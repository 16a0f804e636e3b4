using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Evaluation;

/// <summary>
/// While it lives, a network's strided 1x1 convolutions drop the pixels that they skip beforehand: the same sums, and clear of the backward pass of oneDNN 2.7 (libtorch 1.13's), which overruns its
/// buffers where the channels are no multiple of 16. A supernet's own convolutions do so too.
/// </summary>
internal sealed class DroppedPixels : IDisposable
{
    private readonly List<Action> restore = [];

    public DroppedPixels(nn.Module network)
    {
        foreach (var convolution in network.modules().OfType<Conv2d>())
        {
            if (convolution.stride is not [var down, var across] || (down, across) is (1, 1) || convolution.kernel_size is not [1, 1] || convolution.padding is not [0, 0]) continue;
            var hook = convolution.register_forward_pre_hook((_, x) => Kept(x, down, across));
            restore.Add(hook.remove);
            restore.Add(() => convolution.stride = [down, across]);
            convolution.stride = [1, 1];
        }
    }

    private static Tensor Kept(Tensor x, long down, long across)
    {
        using var rows = x.slice(2, 0, x.shape[2], down);
        return rows.slice(3, 0, x.shape[3], across);
    }

    public void Dispose()
    {
        foreach (var action in restore) action();
    }
}
