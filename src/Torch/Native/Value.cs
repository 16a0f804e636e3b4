using System.Runtime.InteropServices;

namespace DataSsl.Torch.Native;

/// <summary>One argument or result of an operator, as native/shim.h lays it out.</summary>
[StructLayout(LayoutKind.Explicit)]
internal unsafe struct Value
{
    [FieldOffset(0)] public ValueTag Tag;
    [FieldOffset(4)] public int Length;
    [FieldOffset(8)] public long Integer;
    [FieldOffset(8)] public double Double;
    [FieldOffset(8)] public void* Pointer;
}

internal enum ValueTag { None, Tensor, Int, Double, Bool, IntList, TensorList, String, DoubleList, Device, Generator }
