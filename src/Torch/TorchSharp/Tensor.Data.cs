using System.Runtime.CompilerServices;
using DataSsl.Torch.Native;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The elements, in row-major order, as <typeparamref name="T"/>, which must be the tensor's own type.</summary>
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            Demand<T>();
            return new TensorAccessor<T>(this);
        }

        /// <summary>The one element of this tensor, converted to nothing: <typeparamref name="T"/> must be its type.</summary>
        public unsafe T item<T>() where T : unmanaged
        {
            if (numel() != 1)
                throw new ArgumentException("The tensor must have exactly one element.");
            Demand<T>();
            if (is_cpu())
                return Read<T>(0);
            using var local = cpu();
            return local.Read<T>(0);
        }

        /// <summary>
        /// The memory of a contiguous CPU tensor; it stays valid as long as the tensor does. A frozen convolution (<see cref="Modules.Conv2d"/>) sees what is written between here and its next call;
        /// ask again before writing later.
        /// </summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                var info = Info;
                if (info.IsContiguous == 0)
                    throw new NotImplementedException("Bytes() called on non-contiguous tensor.");
                if (info.DeviceType != (int)DeviceType.CPU)
                    throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
                return new Span<byte>(Data(toWrite: true), checked((int)(info.Elements * info.ElementSize)));
            }
            set
            {
                var target = bytes;
                if (value.Length != target.Length)
                    throw new ArgumentException("Mismatched data sizes in bytes.");
                value.CopyTo(target);
            }
        }

        public Scalar ToScalar() => dtype switch
        {
            ScalarType.Bool => item<bool>(),
            _ when is_integral() => this.ToInt64(),
            _ => this.ToDouble(),
        };

        public float ReadCpuSingle(long i) => ReadCpuValue<float>(i);
        public double ReadCpuDouble(long i) => ReadCpuValue<double>(i);
        public long ReadCpuInt64(long i) => ReadCpuValue<long>(i);
        public int ReadCpuInt32(long i) => ReadCpuValue<int>(i);
        public byte ReadCpuByte(long i) => ReadCpuValue<byte>(i);
        public bool ReadCpuBool(long i) => ReadCpuValue<bool>(i);

        public T ReadCpuValue<T>(long i) where T : unmanaged
        {
            Demand<T>();
            if (!is_cpu())
                throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
            return Read<T>(i);
        }

        /// <summary>The first element. Who writes says so, as what was made of the values before (a frozen convolution's weights) is made anew then.</summary>
        internal unsafe void* Data(bool toWrite)
        {
            void* pointer;
            Shim.Check(Shim.dsl_tensor_data(Handle, toWrite ? 1 : 0, &pointer), "data");
            GC.KeepAlive(this);
            return pointer;
        }

        /// <summary>A contiguous CPU tensor's elements in place.</summary>
        internal unsafe Span<T> Span<T>() where T : unmanaged => new(Data(toWrite: true), checked((int)numel()));

        private unsafe T Read<T>(long index) where T : unmanaged
        {
            var value = ((T*)Data(toWrite: false))[index];
            GC.KeepAlive(this);
            return value;
        }

        private void Demand<T>() where T : unmanaged
        {
            var type = dtype;
            if (Elements.TypeOf<T>() != type && !(type == ScalarType.BFloat16 && Unsafe.SizeOf<T>() == 2))
                throw new ArgumentException($"The tensor holds {type}, not {typeof(T).Name}.");
        }
    }
}
