using System.Runtime.CompilerServices;
using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => Fill([i1], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => At([i1, i2]);
            set => Fill([i1, i2], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => At([i1, i2, i3]);
            set => Fill([i1, i2, i3], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => At([i1, i2, i3, i4]);
            set => Fill([i1, i2, i3, i4], value);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            var view = View(indices, out var advanced);
            if (advanced is not null)
                return Gathered(view, advanced);
            // A result is always a new object: its owner may dispose of it without touching this tensor.
            return ReferenceEquals(view, this) ? alias() : view;
        }

        public Tensor index(params Tensor[] indices) => Aten.index_Tensor.Call(this, indices);

        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            var view = View(indices, out var advanced);
            if (advanced is null)
                Aten.copy_.InPlace(view, value);
            else
                Aten.index_put_.InPlace(view, advanced, value);
            Release(view);
            return this;
        }

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var number = full(Array.Empty<long>(), value, dtype, device);
            return index_put_(number, indices);
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, false);
        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) =>
            Aten.index_put_.InPlace(this, indices, value, accumulate);

        private Tensor At(ReadOnlySpan<long> positions)
        {
            var view = this;
            foreach (var position in positions)
                view = Replaced(view, view.select(0, position));
            return view;
        }

        private void Fill(ReadOnlySpan<long> positions, Tensor value)
        {
            using var view = At(positions);
            view.copy_(value);
        }

        private Tensor Gathered(Tensor view, Tensor?[] advanced)
        {
            var gathered = Aten.index_Tensor.Call(view, advanced);
            Release(view);
            return gathered;
        }

        /// <summary>Applies every index that makes a view; index tensors are left, each at its dimension, for one gather.</summary>
        private Tensor View(TensorIndex[] indices, out Tensor?[]? advanced)
        {
            advanced = null;
            var view = this;
            var dim = 0;
            var named = indices.Count(index => index.Kind is TensorIndex.IndexKind.Single or TensorIndex.IndexKind.Slice or TensorIndex.IndexKind.Tensor);
            foreach (var index in indices)
            {
                switch (index.Kind)
                {
                    case TensorIndex.IndexKind.Single:
                        view = Replaced(view, view.select(dim, index.Start!.Value));
                        break;
                    case TensorIndex.IndexKind.Slice:
                        if (index.Start is not null || index.Stop is not null || index.Step is not null)
                            view = Replaced(view, Aten.slice_Tensor.Call(view, dim, index.Start, index.Stop, index.Step ?? 1));
                        dim++;
                        break;
                    case TensorIndex.IndexKind.Ellipsis:
                        dim += (int)ndim - named;
                        break;
                    case TensorIndex.IndexKind.None or TensorIndex.IndexKind.Null:
                        view = Replaced(view, view.unsqueeze(dim++));
                        break;
                    case TensorIndex.IndexKind.Tensor:
                        var extended = new Tensor?[dim + 1];
                        advanced?.CopyTo(extended, 0);
                        (advanced = extended)[dim++] = index.Indices;
                        break;
                    default:
                        throw new NotSupportedException("An index that is a truth value is not supported; use masked_select or where.");
                }
            }
            return view;
        }

        private Tensor Replaced(Tensor old, Tensor replacement)
        {
            Release(old);
            return replacement;
        }

        private void Release(Tensor intermediate)
        {
            if (!ReferenceEquals(intermediate, this))
                intermediate.Dispose();
        }
    }
}
