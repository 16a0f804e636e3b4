using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Torch;

/// <summary>
/// Gradients that lie apart in a flat buffer, as slices of a supernet's weights do: libtorch has a warning for them, of a cost that is
/// wanted here. It gives it once a process, so it is brought about where it is not heard.
/// </summary>
public static unsafe class GradientLayout
{
    private const int Errors = 2;

    private static readonly Lazy<bool> s_isAccepted = new(Provoke);

    /// <summary>Has the warning behind it. Other warnings are heard as before.</summary>
    public static void Accept() => _ = s_isAccepted.Value;

    private static bool Provoke()
    {
        var level = (int*)Aten.Symbol("FLAGS_caffe2_log_level");
        if (level == null) return false;
        var before = *level;
        *level = Errors;
        try
        {
            using var scope = NewDisposeScope();
            using var grad = enable_grad();
            Tensor Apart() => zeros(4, 3).as_strided([4, 2], [3, 1]);
            var weight = Apart().detach().requires_grad_();
            weight.grad = Apart();
            weight.sum().backward();
            return true;
        }
        finally
        {
            *level = before;
        }
    }
}
