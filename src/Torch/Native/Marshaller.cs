using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Torch.Native;

/// <summary>Turns arguments into native values. Lists and strings are copied into one scratch block, so nothing needs pinning.</summary>
internal static unsafe class Marshaller
{
    /// <summary>How many 8-byte words of scratch the lists and strings need.</summary>
    internal static int ScratchWords(ReadOnlySpan<Arg> args)
    {
        var words = 0;
        foreach (ref readonly var arg in args)
        {
            words += arg.Tag switch
            {
                ValueTag.IntList => arg.Reference is long[] list ? list.Length : 2,
                ValueTag.DoubleList => ((double[])arg.Reference!).Length,
                ValueTag.TensorList => ((Tensor?[])arg.Reference!).Length,
                ValueTag.String => (Encoding.UTF8.GetMaxByteCount(((string)arg.Reference!).Length) + 7) / 8,
                _ => 0,
            };
        }
        return words;
    }

    internal static void Write(ReadOnlySpan<Arg> args, Value* values, long* scratch)
    {
        for (var k = 0; k < args.Length; k++)
        {
            ref readonly var arg = ref args[k];
            var value = values + k;
            value->Tag = arg.Tag;
            value->Length = 0;
            switch (arg.Tag)
            {
                case ValueTag.Tensor:
                    value->Pointer = (void*)((Tensor)arg.Reference!).Handle;
                    break;
                case ValueTag.Generator:
                    value->Pointer = (void*)((Generator)arg.Reference!).Handle;
                    break;
                case ValueTag.Device:
                    value->Length = (int)arg.First;
                    value->Integer = arg.Second;
                    break;
                case ValueTag.IntList or ValueTag.DoubleList or ValueTag.TensorList or ValueTag.String:
                    value->Pointer = scratch;
                    scratch += WriteList(in arg, scratch, out value->Length);
                    break;
                default:
                    value->Integer = arg.First;
                    break;
            }
        }
    }

    private static int WriteList(in Arg arg, long* scratch, out int length)
    {
        switch (arg.Reference)
        {
            case long[] integers:
                integers.CopyTo(new Span<long>(scratch, integers.Length));
                return length = integers.Length;
            case double[] numbers:
                numbers.CopyTo(new Span<double>(scratch, numbers.Length));
                return length = numbers.Length;
            case Tensor?[] tensors:
                for (var k = 0; k < tensors.Length; k++)
                    scratch[k] = tensors[k]?.Handle ?? 0;
                return length = tensors.Length;
            case string text:
                length = Encoding.UTF8.GetBytes(text, new Span<byte>(scratch, Encoding.UTF8.GetMaxByteCount(text.Length)));
                return (length + 7) / 8;
            default:
                (scratch[0], scratch[1]) = (arg.First, arg.Second);
                return length = 2;
        }
    }
}
