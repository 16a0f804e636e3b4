using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    // Largest, smallest, sorted.
    public partial class Tensor
    {
        public Tensor max() => Aten.max.Call(this);
        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => Aten.max_dim.Pair(this, dim, keepdim);
        public Tensor max(Tensor other) => Aten.max_other.Call(this, other);

        public Tensor min() => Aten.min.Call(this);
        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => Aten.min_dim.Pair(this, dim, keepdim);
        public Tensor min(Tensor other) => Aten.min_other.Call(this, other);

        public Tensor amax(params long[] dims) => Aten.amax.Call(this, dims);
        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) =>
            @out is null ? Aten.amax.Call(this, dims, keepdim) : @out.copy_(Aten.amax.Call(this, dims, keepdim));
        public Tensor amin(params long[] dims) => Aten.amin.Call(this, dims);
        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) =>
            @out is null ? Aten.amin.Call(this, dims, keepdim) : @out.copy_(Aten.amin.Call(this, dims, keepdim));
        public (Tensor min, Tensor max) aminmax(long? dim = null, bool keepdim = false) => Aten.aminmax.Pair(this, dim, keepdim);

        public Tensor argmax() => Aten.argmax.Call(this);
        public Tensor argmax(long dim, bool keepdim = false) => Aten.argmax.Call(this, dim, keepdim);
        public Tensor argmin() => Aten.argmin.Call(this);
        public Tensor argmin(long dim, bool keepdim = false) => Aten.argmin.Call(this, dim, keepdim);

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Aten.topk.Pair(this, k, dim, largest, sorted);
        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) =>
            Aten.sort_stable.Pair(this, stable, dim, descending);
        public Tensor argsort(long dim = -1, bool descending = false) => Aten.argsort.Call(this, dim, descending);
        public (Tensor values, Tensor indices) kthvalue(long k, long? dim, bool keepdim = false) => Aten.kthvalue.Pair(this, k, dim ?? -1, keepdim);
        public Tensor median() => Aten.median.Call(this);
    }
}
