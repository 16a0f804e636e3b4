using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor empty_strided(
        long[] size, long[] strides, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finished(Aten.empty_strided.Call(size, strides, Floating(dtype), Arg.None, Target(device)), requires_grad, names);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        var integral = start.IsIntegral && stop.IsIntegral && step.IsIntegral;
        dtype ??= integral ? ScalarType.Int64 : get_default_dtype();
        return Finished(Aten.arange_start_step.Call(start, stop, step, dtype, Arg.None, Target(device)), requires_grad);
    }

    public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Finished(Aten.linspace.Call((Scalar)start, (Scalar)end, steps, Floating(dtype), Arg.None, Target(device)), requires_grad);

    public static Tensor eye(
        long rows, long columns = -1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finished(Aten.eye_m.Call(rows, columns < 0 ? rows : columns, Floating(dtype), Arg.None, Target(device)), requires_grad, names);

    public static Tensor randint(
        long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null,
        string[]? names = null) => randint(0, high, size, dtype, device, requires_grad, generator, names);

    public static Tensor randint(
        long low, long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null,
        string[]? names = null) =>
        Finished(Aten.randint_low_generator.Call(low, high, size, generator, dtype ?? ScalarType.Int64, Arg.None, Target(device)), requires_grad, names);

    public static Tensor randperm(
        long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        Finished(Aten.randperm_generator.Call(n, generator, dtype ?? ScalarType.Int64, Arg.None, Target(device)), requires_grad);

    public static Tensor empty_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finished(input.empty_like(dtype, device), requires_grad, names);

    public static Tensor zeros_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finished(input.zeros_like(dtype, device), requires_grad, names);

    public static Tensor ones_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finished(input.ones_like(dtype, device), requires_grad, names);

    public static Tensor full_like(
        Tensor input, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finished(input.full_like(value, dtype, device), requires_grad, names);

    private static Device Target(Device? device) => device ?? get_default_device();

    private static ScalarType Floating(ScalarType? dtype) => dtype ?? get_default_dtype();

    private static ScalarType TypeOf(Scalar value) => value.IsIntegral ? value.Type : get_default_dtype();

    private static Tensor Finished(Tensor tensor, bool requires_grad, string[]? names = null)
    {
        if (names is { Length: > 0 })
            throw new NotSupportedException("Named dimensions are not supported.");
        return requires_grad ? tensor.requires_grad_() : tensor;
    }

    private static Tensor FromElements<T>(
        ReadOnlySpan<T> elements, ReadOnlySpan<long> dimensions, ScalarType? dtype, Device? device, bool requires_grad, string[]? names) where T : unmanaged
    {
        var tensor = empty(dimensions, Elements.TypeOf<T>(), CPU);
        if (tensor.numel() != elements.Length)
            throw new ArgumentException($"{elements.Length} elements do not fill the shape [{string.Join(", ", dimensions.ToArray())}].");
        elements.CopyTo(tensor.Span<T>());
        tensor = tensor.to(dtype ?? tensor.dtype, Target(device), disposeAfter: true);
        return Finished(tensor, requires_grad, names);
    }
}
