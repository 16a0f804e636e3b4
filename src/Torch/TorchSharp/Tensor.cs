using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// A tensor of libtorch. Freed by <see cref="Dispose()"/>, by the scope it was made in, or, failing both, by its finalizer.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        private static long s_total, s_peak;
        private nint _handle;

        internal Tensor(nint handle, bool scoped = true)
        {
            _handle = handle;
            var total = Interlocked.Increment(ref s_total);
            if (total > Volatile.Read(ref s_peak))
                Volatile.Write(ref s_peak, total);
            if (scoped)
                DisposeScopeManager.Current?.Add(this);
        }

        ~Tensor() => Dispose(false);

        public static long TotalCount => Interlocked.Read(ref s_total);
        public static long PeakCount => Interlocked.Read(ref s_peak);

        public IntPtr Handle => _handle != 0 ? _handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");
        public bool IsInvalid => _handle == 0;

        internal DisposeScope? OwningDisposeScope { get; set; }
        internal int ScopeSlot { get; set; }

        public void Dispose()
        {
            OwningDisposeScope?.Remove(this);
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle == 0)
                return;
            Shim.dsl_tensor_free(handle);
            Interlocked.Decrement(ref s_total);
        }

        public IntPtr DecoupleFromNativeHandle()
        {
            GC.SuppressFinalize(this);
            OwningDisposeScope?.Remove(this);
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0)
                Interlocked.Decrement(ref s_total);
            return handle;
        }

        /// <summary>Takes over another tensor's native tensor; the other is empty afterwards.</summary>
        internal void Adopt(Tensor other)
        {
            var old = Interlocked.Exchange(ref _handle, other.DecoupleFromNativeHandle());
            Shim.dsl_tensor_free(old);
        }

        public static Tensor UnsafeCreateTensor(IntPtr handle) => new(handle);

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (other is null)
                return DetachFromDisposeScope();
            other.Attach(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Remove(this);
            return this;
        }

        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);
        public bool Equals(Tensor target) => ReferenceEquals(this, target) || (_handle != 0 && _handle == target._handle);
        public override int GetHashCode() => base.GetHashCode();
    }
}
