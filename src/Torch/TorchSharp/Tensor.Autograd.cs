using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public bool requires_grad
        {
            get => Info.RequiresGrad != 0;
            set
            {
                Shim.Check(Shim.dsl_set_requires_grad(Handle, value ? 1 : 0));
                GC.KeepAlive(this);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        /// <summary>
        /// The gradient. One that is set before <see cref="backward()"/> is accumulated into in place, so it may be a view of a flat buffer.
        /// </summary>
        public unsafe Tensor? grad
        {
            get
            {
                nint result;
                Shim.Check(Shim.dsl_get_grad(Handle, &result));
                GC.KeepAlive(this);
                return result == 0 ? null : new Tensor(result);
            }
            set
            {
                Shim.Check(Shim.dsl_set_grad(Handle, value?.Handle ?? 0));
                GC.KeepAlive(this);
                GC.KeepAlive(value);
            }
        }

        public void retain_grad()
        {
            Shim.Check(Shim.dsl_retain_grad(Handle));
            GC.KeepAlive(this);
        }

        public void backward() => autograd.backward(this);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward(this, grad_tensors, retain_graph, create_graph, inputs);
    }
}
