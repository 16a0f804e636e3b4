namespace TorchSharp;

public static partial class torch
{
    /// <summary>One entry of an index expression: a position, a slice, an ellipsis, a new axis, a truth value or an index tensor.</summary>
    public struct TensorIndex
    {
        internal enum IndexKind { None, Single, Slice, Ellipsis, Bool, Tensor, Null }

        internal IndexKind Kind;
        internal long? Start, Stop, Step;
        internal Tensor? Indices;

        public static readonly TensorIndex Ellipsis = new() { Kind = IndexKind.Ellipsis };
        public static readonly TensorIndex None = new() { Kind = IndexKind.None };
        public static readonly TensorIndex Null = new() { Kind = IndexKind.Null };
        public static readonly TensorIndex Colon = Slice();

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { Kind = IndexKind.Slice, Start = start, Stop = stop, Step = step };

        public static TensorIndex Slice((int? start, int? end) range) => Slice(range.start, range.end);

        public static TensorIndex Slice(Range range) => Slice(From(range.Start), range.End.Equals(Index.End) ? null : From(range.End));

        public static TensorIndex Bool(bool value) => new() { Kind = IndexKind.Bool, Start = value ? 1 : 0 };
        public static TensorIndex Single(long? index) => new() { Kind = IndexKind.Single, Start = index };
        public static TensorIndex Tensor(Tensor tensor) => new() { Kind = IndexKind.Tensor, Indices = tensor };

        public static implicit operator TensorIndex(long value) => Single(value);
        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);
        public static implicit operator TensorIndex(Range range) => Slice(range);
        public static implicit operator TensorIndex(Index index) => Single(From(index));

        // PyTorch counts from the end with negative numbers.
        private static long From(Index index) => index.IsFromEnd ? -index.Value : index.Value;
    }
}
