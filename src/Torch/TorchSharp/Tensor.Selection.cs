using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    // Parts of a tensor, by position or by index.
    public partial class Tensor
    {
        public Tensor narrow(long dim, long start, long length) => Aten.narrow.Call(this, dim, start, length);
        public Tensor select(long dim, long index) => Aten.select_int.Call(this, dim, index);
        public Tensor slice(long dim, long start, long finish, long step) => Aten.slice_Tensor.Call(this, dim, start, finish, step);
        public Tensor select_scatter(Tensor src, long dim, long index) => Aten.select_scatter.Call(this, src, dim, index);
        public Tensor slice_scatter(Tensor src, long dim = 0, long? start = null, long? end = null, long step = 1) =>
            Aten.slice_scatter.Call(this, src, dim, start, end, step);

        public Tensor[] split(long size, int dim = 0) => Aten.split_Tensor.List(this, size, dim);
        public Tensor[] split(params long[] sizes) => split(sizes, 0);
        public Tensor[] split(long[] sizes, long dim = 0) => Aten.split_with_sizes.List(this, sizes, dim);
        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0) => Aten.split_with_sizes.List(this, sizes, dim);
        public Tensor[] chunk(long chunks, long dim = 0) => Aten.chunk.List(this, chunks, dim);
        public Tensor[] unbind(long dimension = 0) => Aten.unbind_int.List(this, dimension);
        public Tensor[] tensor_split(long size, long dim = 0) => Aten.tensor_split_sections.List(this, size, dim);
        public Tensor[] tensor_split(long[] sizes, long dim = 0) => Aten.tensor_split_indices.List(this, sizes, dim);

        public Tensor index_select(long dim, Tensor index) => Aten.index_select.Call(this, dim, index);
        public Tensor index_copy(long dim, Tensor index, Tensor source) => Aten.index_copy.Call(this, dim, index, source);
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Aten.index_copy_.InPlace(this, dim, index, source);
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) => Aten.index_add.Call(this, dim, index, source, alpha);
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) => Aten.index_add_.InPlace(this, dim, index, source, alpha);
        public Tensor index_fill(long dim, Tensor index, Scalar value) => Aten.index_fill_int_Scalar.Call(this, dim, index, value);
        public Tensor index_fill_(long dim, Tensor index, Scalar value) => Aten.index_fill__int_Scalar.InPlace(this, dim, index, value);

        public Tensor gather(long dim, Tensor index) => Aten.gather.Call(this, dim, index);
        public Tensor scatter(long dim, Tensor index, Tensor src) => Aten.scatter_src.Call(this, dim, index, src);
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Aten.scatter__src.InPlace(this, dim, index, src);
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Aten.scatter_add.Call(this, dim, index, src);
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Aten.scatter_add_.InPlace(this, dim, index, src);
        public Tensor take(Tensor index) => Aten.take.Call(this, index);
        public Tensor take_along_dim(Tensor indices, long dim) => Aten.take_along_dim.Call(this, indices, dim);

        public Tensor nonzero() => Aten.nonzero.Call(this);
        public Tensor argwhere() => Aten.argwhere.Call(this);
        public Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false) =>
            Aten.bucketize_Tensor.Call(this, boundaries, outInt32, right);
    }
}
