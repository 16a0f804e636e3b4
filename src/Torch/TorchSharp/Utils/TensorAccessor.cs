using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Utils;

/// <summary>Reads and writes a CPU tensor's elements in row-major order, whatever its strides. Reading from a device copies first.</summary>
public sealed class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly Tensor _tensor;
    private readonly bool _owned;
    private readonly long[] _shape, _strides;
    private readonly bool _contiguous;

    internal TensorAccessor(Tensor tensor)
    {
        _owned = !tensor.is_cpu();
        _tensor = _owned ? tensor.cpu().DetachFromDisposeScope() : tensor;
        (_shape, _strides, _contiguous, Count) = (_tensor.shape, _tensor.stride(), _tensor.is_contiguous(), _tensor.numel());
    }

    public long Count { get; }
    public bool IsReadOnly => false;

    public T this[params long[] indices]
    {
        get => At(Offset(indices), toWrite: false);
        set => At(Offset(indices), toWrite: true) = value;
    }

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array);
        return array;
    }

    public Array ToNDArray()
    {
        if (_shape.Length == 0)
            return ToArray();
        var array = Array.CreateInstance(typeof(T), _shape);
        var flat = ToArray();
        Buffer.BlockCopy(flat, 0, array, 0, Buffer.ByteLength(flat));
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var target = array[arrayIndex..];
        var count = (int)Math.Min(target.Length, Count - tensorIndex);
        if (_contiguous)
        {
            Flat(tensorIndex, count, toWrite: false).CopyTo(target);
            return;
        }
        for (var k = 0; k < count; k++)
            target[k] = At(OffsetOf(tensorIndex + k), toWrite: false);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        if (_owned)
            throw new InvalidOperationException("Writing to non-CPU memory is not supported.");
        var source = array[arrayIndex..];
        var count = (int)Math.Min(source.Length, Count - tensorIndex);
        if (_contiguous)
        {
            source[..count].CopyTo(Flat(tensorIndex, count, toWrite: true));
            return;
        }
        for (var k = 0; k < count; k++)
            At(OffsetOf(tensorIndex + k), toWrite: true) = source[k];
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (long k = 0; k < Count; k++)
            yield return At(_contiguous ? k : OffsetOf(k), toWrite: false);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override bool Equals(object? obj) => obj is TensorAccessor<T> other && this == other;
    public override int GetHashCode() => _tensor.GetHashCode();

    public static bool operator ==(TensorAccessor<T> left, TensorAccessor<T> right) =>
        ReferenceEquals(left, right) || (left.Count == right.Count && left.SequenceEqual(right));

    public static bool operator !=(TensorAccessor<T> left, TensorAccessor<T> right) => !(left == right);

    public void Dispose()
    {
        if (_owned)
            _tensor.Dispose();
    }

    private unsafe ref T At(long offset, bool toWrite) => ref ((T*)_tensor.Data(toWrite))[offset];

    private unsafe Span<T> Flat(long start, int count, bool toWrite) => new((T*)_tensor.Data(toWrite) + start, count);

    private long Offset(long[] indices)
    {
        // TorchSharp lets a single index walk the whole tensor.
        if (indices.Length == 1 && _shape.Length != 1)
            return OffsetOf(indices[0]);
        if (indices.Length != _shape.Length)
            throw new ArgumentException($"{_shape.Length} indices expected, {indices.Length} given.");
        long offset = 0;
        for (var k = 0; k < indices.Length; k++)
        {
            if ((ulong)indices[k] >= (ulong)_shape[k])
                throw new IndexOutOfRangeException($"Index {indices[k]} is out of range for dimension {k} of size {_shape[k]}.");
            offset += indices[k] * _strides[k];
        }
        return offset;
    }

    private long OffsetOf(long index)
    {
        if ((ulong)index >= (ulong)Count)
            throw new IndexOutOfRangeException($"Index {index} is out of range for {Count} elements.");
        long offset = 0;
        for (var k = _shape.Length - 1; k >= 0; k--)
        {
            offset += index % _shape[k] * _strides[k];
            index /= _shape[k];
        }
        return offset;
    }
}
