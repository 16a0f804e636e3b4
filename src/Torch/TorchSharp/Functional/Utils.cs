using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static class utils
        {
            /// <summary>Scales all gradients down together where their joint norm exceeds <paramref name="max_norm"/>; returns that norm.</summary>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2)
            {
                using var noGrad = no_grad();
                using var scope = NewDisposeScope();
                List<Tensor> grads = [.. tensors.Select(parameter => parameter.grad).OfType<Tensor>()];
                if (grads.Count == 0)
                    return 0;
                var norm = stack(grads.Select(grad => grad.norm((float)norm_type))).norm((float)norm_type).ToDouble();
                var scale = max_norm / (norm + 1e-6);
                if (scale < 1)
                    grads.ForEach(grad => grad.mul_(scale));
                return norm;
            }

            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var noGrad = no_grad();
                using var scope = NewDisposeScope();
                foreach (var parameter in tensors)
                    parameter.grad?.clamp_(-clip_value, clip_value);
            }
        }
    }
}
