using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>A tensor that a module learns. It takes the given tensor's place: the tensor is empty afterwards.</summary>
    public class Parameter : Tensor
    {
        public Parameter(Tensor data, bool requires_grad = true) : this(data, data.OwningDisposeScope, requires_grad) { }

        private Parameter(Tensor data, DisposeScope? scope, bool requires_grad) : base(data.DecoupleFromNativeHandle(), scoped: false)
        {
            scope?.Add(this);
            this.requires_grad = requires_grad;
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}
