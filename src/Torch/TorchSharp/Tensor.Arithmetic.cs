using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    // Element by element, two operands; shapes broadcast.
    public partial class Tensor
    {
        public Tensor add(Tensor target) => Aten.add_Tensor.Call(this, target);
        public Tensor add(Tensor target, Scalar alpha) => Aten.add_Tensor.Call(this, target, alpha);
        public Tensor add(Scalar scalar) => Aten.add_Scalar.Call(this, scalar);
        public Tensor add(Scalar scalar, Scalar alpha) => Aten.add_Scalar.Call(this, scalar, alpha);
        public Tensor add_(Tensor target) => Aten.add__Tensor.InPlace(this, target);
        public Tensor add_(Tensor target, Scalar alpha) => Aten.add__Tensor.InPlace(this, target, alpha);
        public Tensor add_(Scalar scalar) => Aten.add__Scalar.InPlace(this, scalar);
        public Tensor add_(Scalar scalar, Scalar alpha) => Aten.add__Scalar.InPlace(this, scalar, alpha);

        public Tensor sub(Tensor target) => Aten.sub_Tensor.Call(this, target);
        public Tensor sub_(Tensor target) => Aten.sub__Tensor.InPlace(this, target);
        public Tensor sub(Scalar target) => Aten.sub_Scalar.Call(this, target);
        public Tensor sub_(Scalar target) => Aten.sub__Scalar.InPlace(this, target);

        public Tensor subtract(Tensor target) => sub(target);
        public Tensor subtract(Scalar target) => sub(target);
        public Tensor subtract_(Tensor target) => sub_(target);
        public Tensor subtract_(Scalar target) => sub_(target);

        public Tensor mul(Tensor target) => Aten.mul_Tensor.Call(this, target);
        public Tensor mul_(Tensor target) => Aten.mul__Tensor.InPlace(this, target);
        public Tensor mul(Scalar target) => Aten.mul_Scalar.Call(this, target);
        public Tensor mul_(Scalar target) => Aten.mul__Scalar.InPlace(this, target);

        public Tensor multiply(Tensor target) => mul(target);
        public Tensor multiply(Scalar target) => mul(target);

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Aten.div_Tensor_mode.Call(this, target, Rounding(rounding_mode));
        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Aten.div_Scalar_mode.Call(this, target, Rounding(rounding_mode));
        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Aten.div__Tensor_mode.InPlace(this, target, Rounding(rounding_mode));
        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Aten.div__Scalar_mode.InPlace(this, target, Rounding(rounding_mode));

        public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);
        public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);
        public Tensor divide_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);
        public Tensor divide_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);
        public Tensor true_divide(Tensor other) => div(other);
        public Tensor true_divide(Scalar other) => div(other);
        public Tensor true_divide_(Tensor other) => div_(other);
        public Tensor true_divide_(Scalar other) => div_(other);

        private static string? Rounding(RoundingMode mode) => mode == RoundingMode.None ? null : mode.ToString();

        public Tensor floor_divide(Tensor other) => Aten.floor_divide.Call(this, other);
        public Tensor floor_divide(Scalar other) => Aten.floor_divide_Scalar.Call(this, other);
        public Tensor floor_divide_(Tensor other) => Aten.floor_divide__Tensor.InPlace(this, other);
        public Tensor floor_divide_(Scalar other) => Aten.floor_divide__Scalar.InPlace(this, other);

        public Tensor remainder(Tensor target) => Aten.remainder_Tensor.Call(this, target);
        public Tensor remainder_(Tensor target) => Aten.remainder__Tensor.InPlace(this, target);
        public Tensor remainder(Scalar scalar) => Aten.remainder_Scalar.Call(this, scalar);
        public Tensor remainder_(Scalar scalar) => Aten.remainder__Scalar.InPlace(this, scalar);

        public Tensor fmod(Tensor target) => Aten.fmod_Tensor.Call(this, target);
        public Tensor fmod_(Tensor target) => Aten.fmod__Tensor.InPlace(this, target);
        public Tensor fmod(Scalar scalar) => Aten.fmod_Scalar.Call(this, scalar);
        public Tensor fmod_(Scalar scalar) => Aten.fmod__Scalar.InPlace(this, scalar);

        public Tensor pow(Tensor exponent) => Aten.pow_Tensor_Tensor.Call(this, exponent);
        public Tensor pow(Scalar exponent) => Aten.pow_Tensor_Scalar.Call(this, exponent);
        public Tensor pow_(Tensor exponent) => Aten.pow__Tensor.InPlace(this, exponent);
        public Tensor pow_(Scalar exponent) => Aten.pow__Scalar.InPlace(this, exponent);

        public Tensor atan2(Tensor other) => Aten.atan2.Call(this, other);
        public Tensor minimum(Tensor other) => Aten.minimum.Call(this, other);
        public Tensor maximum(Tensor other) => Aten.maximum.Call(this, other);
        public Tensor fmin(Tensor other) => Aten.fmin.Call(this, other);
        public Tensor fmax(Tensor other) => Aten.fmax.Call(this, other);
        public Tensor copysign(Tensor other) => Aten.copysign_Tensor.Call(this, other);
        public Tensor hypot(Tensor other) => Aten.hypot.Call(this, other);
        public Tensor logaddexp(Tensor other) => Aten.logaddexp.Call(this, other);
    }
}
