using System.Runtime.Intrinsics;
using DataSsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Optimizers;

/// <summary>
/// The rules that change flat buffers of weights. They do a few operations on numbers that come from memory once: on the CPU each rule is
/// one pass, where tensor operations would be several; elsewhere, and where a buffer is no contiguous one, it is the tensor operations.
/// </summary>
internal static class FlatUpdate
{
    /// <summary>Elements that a worker takes at a time.</summary>
    private const int Block = 1 << 15;

    /// <summary>buffer = momentum * buffer + weightDecay * values + gradient; values -= rate * buffer.</summary>
    public static unsafe void Sgd(Tensor values, Tensor buffer, Tensor gradient, double momentum, double weightDecay, double rate)
    {
        if (!OnHost(values) || !OnHost(buffer) || !OnHost(gradient))
        {
            buffer.mul_(momentum).add_(values, alpha: weightDecay).add_(gradient);
            values.add_(buffer, alpha: -rate);
            return;
        }
        fixed (byte* v = values.bytes, b = buffer.bytes, g = gradient.bytes)
        {
            var (vs, bs, gs) = ((nint)v, (nint)b, (nint)g);
            InBlocks(
                values.numel(),
                (start, count) =>
                    Sgd(
                        (float*)vs + start, (float*)bs + start, (float*)gs + start, count, (float)momentum, (float)weightDecay,
                        -(float)rate));
        }
    }

    /// <summary>target = kept * target + share * other.</summary>
    public static unsafe void Mix(Tensor target, Tensor other, double kept, double share)
    {
        if (!OnHost(target) || !OnHost(other))
        {
            target.mul_(kept).add_(other, alpha: share);
            return;
        }
        fixed (byte* t = target.bytes, o = other.bytes)
        {
            var (ts, os) = ((nint)t, (nint)o);
            InBlocks(
                target.numel(), (start, count) => Mix((float*)ts + start, (float*)os + start, count, (float)kept, (float)share));
        }
    }

    private static bool OnHost(Tensor tensor) =>
        tensor.device_type == DeviceType.CPU && tensor.is_contiguous() && tensor.dtype == ScalarType.Float32;

    private static void InBlocks(long length, Action<long, int> body) =>
        IntraOp.For((int)((length + Block - 1) / Block), i => body((long)i * Block, (int)Math.Min(Block, length - (long)i * Block)));

    private static unsafe void Sgd(float* values, float* buffer, float* gradient, int count, float momentum, float weightDecay, float rate)
    {
        var (m, d, r) = (Vector256.Create(momentum), Vector256.Create(weightDecay), Vector256.Create(rate));
        var i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var value = Vector256.Load(values + i);
            var moved = Vector256.FusedMultiplyAdd(value, d, Vector256.Load(buffer + i) * m) + Vector256.Load(gradient + i);
            moved.Store(buffer + i);
            Vector256.FusedMultiplyAdd(moved, r, value).Store(values + i);
        }
        for (; i < count; i++)
        {
            buffer[i] = float.FusedMultiplyAdd(values[i], weightDecay, buffer[i] * momentum) + gradient[i];
            values[i] = float.FusedMultiplyAdd(buffer[i], rate, values[i]);
        }
    }

    private static unsafe void Mix(float* target, float* other, int count, float kept, float share)
    {
        var (k, s) = (Vector256.Create(kept), Vector256.Create(share));
        var i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
            Vector256.FusedMultiplyAdd(Vector256.Load(other + i), s, Vector256.Load(target + i) * k).Store(target + i);
        for (; i < count; i++) target[i] = float.FusedMultiplyAdd(other[i], share, target[i] * kept);
    }
}
