using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    // New tensors with the type, device and layout of this one.
    public partial class Tensor
    {
        public Tensor empty_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Aten.empty_like.Call(this, dtype, Arg.None, device).requires_grad_(requires_grad);
        public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Aten.zeros_like.Call(this, dtype, Arg.None, device).requires_grad_(requires_grad);
        public Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Aten.ones_like.Call(this, dtype, Arg.None, device).requires_grad_(requires_grad);
        public Tensor full_like(Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Aten.full_like.Call(this, value, dtype, Arg.None, device).requires_grad_(requires_grad);
        public Tensor rand_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Aten.rand_like.Call(this, dtype, Arg.None, device).requires_grad_(requires_grad);
        public Tensor randn_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Aten.randn_like.Call(this, dtype, Arg.None, device).requires_grad_(requires_grad);
        public Tensor randint_like(long low, long high, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Aten.randint_like_low_dtype.Call(this, low, high, dtype, Arg.None, device).requires_grad_(requires_grad);

        public Tensor new_empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Aten.new_empty.Call(this, size, dtype, Arg.None, device).requires_grad_(requires_grad);
        public Tensor new_full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Aten.new_full.Call(this, size, value, dtype, Arg.None, device).requires_grad_(requires_grad);
        public Tensor new_zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Aten.new_zeros.Call(this, size, dtype, Arg.None, device).requires_grad_(requires_grad);
    }
}
