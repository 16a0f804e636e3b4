using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    // Matrix and vector products.
    public partial class Tensor
    {
        public Tensor matmul(Tensor target) => Aten.matmul.Call(this, target);
        public Tensor mm(Tensor target) => Aten.mm.Call(this, target);
        public Tensor bmm(Tensor batch2) => Aten.bmm.Call(this, batch2);
        public Tensor mv(Tensor target) => Aten.mv.Call(this, target);
        public Tensor dot(Tensor target) => Aten.dot.Call(this, target);
        public Tensor vdot(Tensor target) => Aten.vdot.Call(this, target);
        public Tensor outer(Tensor vec2) => Aten.outer.Call(this, vec2);
        public Tensor inner(Tensor vec2) => Aten.inner.Call(this, vec2);
        public Tensor kron(Tensor other) => Aten.kron.Call(this, other);
        public Tensor ger(Tensor vec2) => Aten.outer.Call(this, vec2);

        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Aten.addmm.Call(this, mat1, mat2, (Scalar)beta, (Scalar)alpha);
        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Aten.addmm_.InPlace(this, mat1, mat2, (Scalar)beta, (Scalar)alpha);
        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            Aten.baddbmm.Call(this, batch1, batch2, (Scalar)beta, (Scalar)alpha);
        public Tensor addbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            Aten.addbmm.Call(this, batch1, batch2, (Scalar)beta, (Scalar)alpha);
        public Tensor addbmm_(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            Aten.addbmm_.InPlace(this, batch1, batch2, (Scalar)beta, (Scalar)alpha);
        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1, float alpha = 1) => Aten.addmv.Call(this, mat, vec, (Scalar)beta, (Scalar)alpha);
        public Tensor addmv_(Tensor mat, Tensor vec, float beta = 1, float alpha = 1) =>
            Aten.addmv_.InPlace(this, mat, vec, (Scalar)beta, (Scalar)alpha);
        public Tensor addr(Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1) =>
            Aten.addr.Call(this, vec1, vec2, (Scalar)beta, (Scalar)alpha);
        public Tensor addr_(Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1) =>
            Aten.addr_.InPlace(this, vec1, vec2, (Scalar)beta, (Scalar)alpha);

        public Tensor trace() => Aten.trace.Call(this);
        public Tensor det() => Aten.det.Call(this);
        public Tensor inverse() => Aten.inverse.Call(this);
    }
}
