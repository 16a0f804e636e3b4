using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public long Dimensions => Info.Dimensions;
        public long ndim => Info.Dimensions;
        public long dim() => Info.Dimensions;

        public long NumberOfElements => Info.Elements;
        public long numel() => Info.Elements;

        public long ElementSize => Info.ElementSize;
        public long element_size() => Info.ElementSize;

        public ScalarType dtype => (ScalarType)Info.ScalarType;

        public Device device
        {
            get
            {
                var info = Info;
                return info.DeviceType == (int)DeviceType.CPU ? CPU : new Device((DeviceType)info.DeviceType, info.DeviceIndex);
            }
        }

        public DeviceType device_type => (DeviceType)Info.DeviceType;
        public int device_index => Info.DeviceIndex;
        public bool is_cuda => device_type == DeviceType.CUDA;
        public bool is_meta => device_type == DeviceType.META;
        public bool is_cpu() => device_type == DeviceType.CPU;
        public bool is_leaf => Info.IsLeaf != 0;
        public bool is_contiguous() => Info.IsContiguous != 0;
        public bool has_names() => Info.HasNames != 0;
        public bool is_floating_point() => dtype is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;
        public bool is_complex() => dtype is ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;
        public bool is_integral() => dtype is <= ScalarType.Int64 or ScalarType.Bool;
        public long storage_offset() => Info.StorageOffset;

        public long[] shape => size();

        public unsafe long[] size()
        {
            var sizes = new long[Info.Dimensions];
            fixed (long* target = sizes)
                Shim.Check(Shim.dsl_tensor_shape(Handle, target, null));
            GC.KeepAlive(this);
            return sizes;
        }

        public unsafe long[] stride()
        {
            var strides = new long[Info.Dimensions];
            fixed (long* target = strides)
                Shim.Check(Shim.dsl_tensor_shape(Handle, null, target));
            GC.KeepAlive(this);
            return strides;
        }

        public long size(int dim) => Axis(size(), dim);
        public long stride(int dim) => Axis(stride(), dim);

        private static long Axis(long[] values, int dim) => values[dim < 0 ? dim + values.Length : dim];

        internal unsafe TensorInfo Info
        {
            get
            {
                TensorInfo info;
                Shim.Check(Shim.dsl_tensor_info(Handle, &info));
                GC.KeepAlive(this);
                return info;
            }
        }
    }
}
