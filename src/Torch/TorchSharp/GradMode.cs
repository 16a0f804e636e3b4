using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    public static IDisposable no_grad() => new GradMode(false);
    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);
    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);
    public static bool is_grad_enabled() => Shim.dsl_get_grad_mode() != 0;
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);
    public static bool is_inference_mode_enabled() => Shim.dsl_get_inference_mode() != 0;

    private sealed class GradMode : IDisposable
    {
        private readonly bool _previous = is_grad_enabled();

        public GradMode(bool enabled) => Shim.dsl_set_grad_mode(enabled ? 1 : 0);

        public void Dispose() => Shim.dsl_set_grad_mode(_previous ? 1 : 0);
    }

    private sealed class InferenceMode(bool enabled) : IDisposable
    {
        private nint _guard = Shim.dsl_inference_mode_enter(enabled ? 1 : 0);

        public void Dispose()
        {
            if (_guard != 0)
                Shim.dsl_inference_mode_leave(_guard);
            _guard = 0;
        }
    }
}
