using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
                Convert(new Device(deviceType, deviceIndex), null, non_blocking);

            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking) => Convert(device, dtype, non_blocking);

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking) => Convert(null, dtype, non_blocking);

            public Module _to(Tensor other, bool non_blocking) => Convert(other.device, other.dtype, non_blocking);

            private Module Convert(Device? device, ScalarType? dtype, bool non_blocking)
            {
                foreach (var (_, child) in _modules_)
                    child.Convert(device, dtype, non_blocking);
                _toEpilog(dtype, device, non_blocking);
                return this;
            }

            /// <summary>
            /// Moves this module's own parameters and buffers. They stay the same objects, so that fields and optimizers that hold them stay right.
            /// </summary>
            protected virtual void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
            {
                using var noGrad = no_grad();
                foreach (var (_, parameter) in _parameters_)
                {
                    if (parameter is null)
                        continue;
                    var requiresGrad = parameter.requires_grad;
                    using var grad = parameter.grad;
                    if (!Replace(parameter, dtype, device, non_blocking))
                        continue;
                    parameter.requires_grad = requiresGrad;
                    if (grad is not null)
                        parameter.grad = Converted(grad, dtype, device, non_blocking);
                }
                foreach (var (_, (buffer, _)) in _buffers_)
                    Replace(buffer, dtype, device, non_blocking);
            }

            private static bool Replace(Tensor tensor, ScalarType? dtype, Device? device, bool non_blocking)
            {
                var converted = Converted(tensor, dtype, device, non_blocking);
                if (converted.Handle == tensor.Handle)
                {
                    converted.Dispose();
                    return false;
                }
                tensor.Adopt(converted.detach_());
                return true;
            }

            // Integers and truth values (num_batches_tracked, masks) keep their type.
            private static Tensor Converted(Tensor tensor, ScalarType? dtype, Device? device, bool non_blocking) =>
                tensor.to(tensor.is_floating_point() ? dtype ?? tensor.dtype : tensor.dtype, device ?? tensor.device, non_blocking: non_blocking);
        }
    }
}
