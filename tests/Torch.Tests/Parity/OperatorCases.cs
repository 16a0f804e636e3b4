using System.Reflection;
using static TorchSharp.torch;

namespace DataSsl.Torch.Tests.Parity;

/// <summary>Cases found by reflection: methods without arguments, and methods of one tensor, have Python's names.</summary>
internal static class OperatorCases
{
    private static readonly HashSet<string> s_notInPython = ["alias", "pin_memory", "atleast_1d", "atleast_2d", "atleast_3d", "gelu", "silu", "silu_", "relu6", "relu6_", "hardswish", "hardswish_", "hardsigmoid", "hardsigmoid_", "size", "stride"];
    private static readonly HashSet<string> s_square = ["trace", "det", "inverse"];
    private static readonly HashSet<string> s_integral = ["bitwise_not", "bitwise_not_", "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_and_", "bitwise_or_", "bitwise_xor_"];
    private static readonly HashSet<string> s_pointwise =
    [
        "add", "sub", "mul", "div", "subtract", "multiply", "true_divide", "floor_divide", "remainder", "fmod", "pow", "atan2", "minimum", "maximum", "fmin", "fmax",
        "copysign", "hypot", "logaddexp", "eq", "ne", "lt", "le", "gt", "ge", "not_equal", "less", "less_equal", "greater", "greater_equal",
        "logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or", "bitwise_xor", "max", "min", "expand_as", "view_as",
    ];

    internal static IEnumerable<Case> All() => NoArgument().Concat(OneTensor());

    private static IEnumerable<Case> NoArgument()
    {
        foreach (var method in Methods(0).Where(method => char.IsLower(method.Name[0]) && !s_notInPython.Contains(method.Name)))
        {
            var input = s_integral.Contains(method.Name) ? "m" : s_square.Contains(method.Name) ? "a[:, :4]" : "a";
            yield return new Case(
                $"{method.Name}()", $"({input}).clone().{method.Name}()",
                inputs => [Call(method, (s_integral.Contains(method.Name) ? inputs.m : s_square.Contains(method.Name) ? inputs.a.narrow(1, 0, 4) : inputs.a).clone())]);
        }
    }

    private static IEnumerable<Case> OneTensor()
    {
        foreach (var method in Methods(1).Where(method => s_pointwise.Contains(method.Name.TrimEnd('_'))))
        {
            var integral = s_integral.Contains(method.Name);
            yield return new Case(
                $"{method.Name}(Tensor)", integral ? $"m.clone().{method.Name}(a.gt(0.5))" : $"a.clone().{method.Name}(b)",
                inputs => [Call(method, (integral ? inputs.m : inputs.a).clone(), integral ? inputs.a.gt(0.5) : inputs.b)]);
        }
    }

    private static IEnumerable<MethodInfo> Methods(int tensors) =>
        typeof(Tensor).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(method =>
            method.ReturnType == typeof(Tensor)
            && !method.IsSpecialName
            && method.GetParameters().Length == tensors
            && method.GetParameters().All(parameter => parameter.ParameterType == typeof(Tensor)));

    private static Tensor Call(MethodInfo method, Tensor self, params object[] arguments) => (Tensor)method.Invoke(self, arguments)!;
}
