using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    // Element by element, one operand.
    public partial class Tensor
    {
        public Tensor abs() => Aten.abs.Call(this);
        public Tensor abs_() => Aten.abs_.InPlace(this);
        public Tensor neg() => Aten.neg.Call(this);
        public Tensor neg_() => Aten.neg_.InPlace(this);
        public Tensor exp() => Aten.exp.Call(this);
        public Tensor exp_() => Aten.exp_.InPlace(this);
        public Tensor exp2() => Aten.exp2.Call(this);
        public Tensor expm1() => Aten.expm1.Call(this);
        public Tensor expm1_() => Aten.expm1_.InPlace(this);
        public Tensor log() => Aten.log.Call(this);
        public Tensor log_() => Aten.log_.InPlace(this);
        public Tensor log1p() => Aten.log1p.Call(this);
        public Tensor log1p_() => Aten.log1p_.InPlace(this);
        public Tensor log2() => Aten.log2.Call(this);
        public Tensor log2_() => Aten.log2_.InPlace(this);
        public Tensor log10() => Aten.log10.Call(this);
        public Tensor log10_() => Aten.log10_.InPlace(this);
        public Tensor sqrt() => Aten.sqrt.Call(this);
        public Tensor sqrt_() => Aten.sqrt_.InPlace(this);
        public Tensor rsqrt() => Aten.rsqrt.Call(this);
        public Tensor rsqrt_() => Aten.rsqrt_.InPlace(this);
        public Tensor square() => Aten.square.Call(this);

        public Tensor reciprocal() => Aten.reciprocal.Call(this);
        public Tensor reciprocal_() => Aten.reciprocal_.InPlace(this);
        public Tensor sign() => Aten.sign.Call(this);
        public Tensor sign_() => Aten.sign_.InPlace(this);
        public Tensor sgn() => Aten.sgn.Call(this);
        public Tensor sgn_() => Aten.sgn_.InPlace(this);
        public Tensor floor() => Aten.floor.Call(this);
        public Tensor floor_() => Aten.floor_.InPlace(this);
        public Tensor ceil() => Aten.ceil.Call(this);
        public Tensor ceil_() => Aten.ceil_.InPlace(this);
        public Tensor trunc() => Aten.trunc.Call(this);
        public Tensor trunc_() => Aten.trunc_.InPlace(this);
        public Tensor frac() => Aten.frac.Call(this);
        public Tensor frac_() => Aten.frac_.InPlace(this);

        public Tensor round(long decimals = 0) => Aten.round_decimals.Call(this, decimals);
        public Tensor round_(long decimals = 0) => Aten.round__decimals.InPlace(this, decimals);

        public Tensor sin() => Aten.sin.Call(this);
        public Tensor sin_() => Aten.sin_.InPlace(this);
        public Tensor cos() => Aten.cos.Call(this);
        public Tensor cos_() => Aten.cos_.InPlace(this);
        public Tensor tan() => Aten.tan.Call(this);
        public Tensor tan_() => Aten.tan_.InPlace(this);
        public Tensor asin() => Aten.asin.Call(this);
        public Tensor asin_() => Aten.asin_.InPlace(this);
        public Tensor acos() => Aten.acos.Call(this);
        public Tensor acos_() => Aten.acos_.InPlace(this);
        public Tensor atan() => Aten.atan.Call(this);
        public Tensor atan_() => Aten.atan_.InPlace(this);
        public Tensor sinh() => Aten.sinh.Call(this);
        public Tensor sinh_() => Aten.sinh_.InPlace(this);
        public Tensor cosh() => Aten.cosh.Call(this);
        public Tensor cosh_() => Aten.cosh_.InPlace(this);
        public Tensor tanh() => Aten.tanh.Call(this);
        public Tensor tanh_() => Aten.tanh_.InPlace(this);
        public Tensor asinh() => Aten.asinh.Call(this);
        public Tensor asinh_() => Aten.asinh_.InPlace(this);
        public Tensor acosh() => Aten.acosh.Call(this);
        public Tensor acosh_() => Aten.acosh_.InPlace(this);
        public Tensor atanh() => Aten.atanh.Call(this);
        public Tensor atanh_() => Aten.atanh_.InPlace(this);

        public Tensor erf() => Aten.erf.Call(this);
        public Tensor erf_() => Aten.erf_.InPlace(this);
        public Tensor erfc() => Aten.erfc.Call(this);
        public Tensor erfc_() => Aten.erfc_.InPlace(this);
        public Tensor erfinv() => Aten.erfinv.Call(this);
        public Tensor erfinv_() => Aten.erfinv_.InPlace(this);
        public Tensor sigmoid() => Aten.sigmoid.Call(this);
        public Tensor sigmoid_() => Aten.sigmoid_.InPlace(this);
        public Tensor relu() => Aten.relu.Call(this);
        public Tensor relu_() => Aten.relu_.InPlace(this);
        public Tensor relu6() => Aten.relu6.Call(this);
        public Tensor relu6_() => Aten.relu6_.InPlace(this);
        public Tensor silu() => Aten.silu.Call(this);
        public Tensor silu_() => Aten.silu_.InPlace(this);

        public Tensor gelu() => Aten.gelu.Call(this);
        public Tensor softplus(double beta = 1, double threshold = 20) => Aten.softplus.Call(this, beta, threshold);
        public Tensor hardtanh(Scalar min, Scalar max) => Aten.hardtanh.Call(this, min, max);
        public Tensor hardtanh_(Scalar min, Scalar max) => Aten.hardtanh_.InPlace(this, min, max);
        public Tensor leaky_relu(Scalar negative_slope) => Aten.leaky_relu.Call(this, negative_slope);
        public Tensor leaky_relu_(Scalar negative_slope) => Aten.leaky_relu_.InPlace(this, negative_slope);
        public Tensor hardswish() => Aten.hardswish.Call(this);
        public Tensor hardswish_() => Aten.hardswish_.InPlace(this);
        public Tensor hardsigmoid() => Aten.hardsigmoid.Call(this);
        public Tensor hardsigmoid_() => Aten.hardsigmoid_.InPlace(this);

        public Tensor isnan() => Aten.isnan.Call(this);
        public Tensor isinf() => Aten.isinf.Call(this);
        public Tensor isfinite() => Aten.isfinite.Call(this);
        public Tensor isposinf() => Aten.isposinf.Call(this);
        public Tensor isneginf() => Aten.isneginf.Call(this);
        public Tensor signbit() => Aten.signbit.Call(this);

        public Tensor logical_not() => Aten.logical_not.Call(this);
        public Tensor logical_not_() => Aten.logical_not_.InPlace(this);
        public Tensor bitwise_not() => Aten.bitwise_not.Call(this);
        public Tensor bitwise_not_() => Aten.bitwise_not_.InPlace(this);

        public Tensor nan_to_num(double nan = 0, double? posinf = null, double? neginf = null) => Aten.nan_to_num.Call(this, nan, posinf, neginf);
    }
}
