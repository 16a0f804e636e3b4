using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Torch.Native;

/// <summary>An operator argument before marshalling. Lives on the stack only: a call builds a span of these and allocates nothing.</summary>
internal readonly struct Arg
{
    /// <summary>The object behind the argument; holding it here keeps it alive until the call returns.</summary>
    internal readonly object? Reference;
    internal readonly long First, Second;
    internal readonly ValueTag Tag;

    private Arg(ValueTag tag, object? reference, long first = 0, long second = 0) =>
        (Tag, Reference, First, Second) = (tag, reference, first, second);

    internal static Arg None => default;

    public static implicit operator Arg(Tensor? value) => value is null ? default : new(ValueTag.Tensor, value);
    public static implicit operator Arg(Tensor?[]? value) => value is null ? default : new(ValueTag.TensorList, value);
    public static implicit operator Arg(Generator? value) => value is null ? default : new(ValueTag.Generator, value);
    public static implicit operator Arg(Device? value) => value is null ? default : new(ValueTag.Device, null, (long)value.type, value.index);
    public static implicit operator Arg(string? value) => value is null ? default : new(ValueTag.String, value);
    public static implicit operator Arg(Scalar? value) => value switch
    {
        null => default,
        { Type: ScalarType.Bool } => value.Integer != 0,
        { IsIntegral: true } => value.Integer,
        _ => value.Floating,
    };

    public static implicit operator Arg(int value) => new(ValueTag.Int, null, value);
    public static implicit operator Arg(long value) => new(ValueTag.Int, null, value);
    public static implicit operator Arg(long? value) => value is { } number ? number : default(Arg);
    public static implicit operator Arg(int? value) => value is { } number ? number : default(Arg);
    public static implicit operator Arg(bool value) => new(ValueTag.Bool, null, value ? 1 : 0);
    public static implicit operator Arg(double value) => new(ValueTag.Double, null, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Arg(double? value) => value is { } number ? number : default(Arg);
    public static implicit operator Arg(ScalarType value) => (long)value;
    public static implicit operator Arg(ScalarType? value) => value is { } type ? type : default(Arg);

    public static implicit operator Arg(long[]? value) => value is null ? default : new(ValueTag.IntList, value);
    public static implicit operator Arg(double[]? value) => value is null ? default : new(ValueTag.DoubleList, value);
    public static implicit operator Arg(ReadOnlySpan<long> value) => value.ToArray();

    /// <summary>The commonest list, a pair of sizes, without an array.</summary>
    public static implicit operator Arg((long First, long Second) value) => new(ValueTag.IntList, null, value.First, value.Second);
    public static implicit operator Arg((long First, long Second)? value) => value is { } pair ? pair : default(Arg);
}
