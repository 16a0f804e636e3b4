using System.Runtime.InteropServices;

namespace DataSsl.Torch.Native;

/// <summary>A tensor's metadata, as native/tensors.cpp lays it out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TensorInfo
{
    public long Dimensions, Elements, ElementSize, StorageOffset;
    public int ScalarType, DeviceType, DeviceIndex;
    public byte RequiresGrad, IsLeaf, IsContiguous, HasNames;
}
