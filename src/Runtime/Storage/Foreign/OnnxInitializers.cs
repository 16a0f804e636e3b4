using System.Runtime.InteropServices;
using Google.Protobuf;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Storage.Foreign;

/// <summary>The constant tensors of an ONNX model, and which operators take them. Field numbers are those of onnx.proto.</summary>
public static class OnnxInitializers
{
    /// <summary>An operator: what it is, and the names of the values that it takes and gives.</summary>
    public sealed record Node(string Type, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs);

    /// <summary>What is read of a model.</summary>
    /// <param name="Tensors">The floating-point constants in 32 bits, by name; in the caller's dispose scope.</param>
    /// <param name="Nodes">The operators in their order.</param>
    public sealed record Model(IReadOnlyList<(string Name, Tensor Values)> Tensors, IReadOnlyList<Node> Nodes);

    private const int MostDimensions = 8;

    /// <summary>Reads a file.</summary>
    /// <exception cref="UserException">It is no ONNX model, or damaged, or keeps its values in another file.</exception>
    public static Model Read(string path) => ForeignTensors.Guarded(path, "an ONNX model", file =>
    {
        if (file.Length > int.MaxValue) throw new UserException($"{path}: more than 2 GB, which an ONNX file cannot have");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        using var scope = NewDisposeScope();
        var (tensors, nodes) = (new List<(string, Tensor)>(), new List<Node>());
        var graphs = 0;
        Fields(bytes, (field, part) =>
        {
            if (field != 7) return;
            graphs++;
            Fields(part, (inner, message) =>
            {
                if (inner == 1) nodes.Add(NodeOf(message));
                else if (inner == 5 && TensorOf(path, message) is { } tensor) tensors.Add(tensor);
            });
        });
        if (graphs != 1) throw new InvalidDataException("it has no graph");
        if (tensors.Count == 0) throw new UserException($"{path}: its graph holds no weights");
        foreach (var (_, values) in tensors) values.MoveToOuterDisposeScope();
        return new Model(tensors, nodes);
    });

    private static Node NodeOf(ReadOnlyMemory<byte> message)
    {
        var (type, inputs, outputs) = ("", new List<string>(), new List<string>());
        Fields(message, (field, part) =>
        {
            if (field == 1) inputs.Add(Text(part));
            else if (field == 2) outputs.Add(Text(part));
            else if (field == 4) type = Text(part);
        });
        return new(type, inputs, outputs);
    }

    /// <summary>A tensor of a floating-point type; null for another, which is no weight.</summary>
    private static (string Name, Tensor Values)? TensorOf(string path, ReadOnlyMemory<byte> message)
    {
        const int floats = 1, doubles = 11, halves = 10, brains = 16;
        var (name, type, shape, raw, plain, elsewhere) = ("", 0L, new List<long>(), ReadOnlyMemory<byte>.Empty, new List<byte>(), false);
        Fields(message, (field, part) =>
        {
            switch (field)
            {
                case 1: shape.AddRange(Numbers(part)); break;
                case 2: type = Numbers(part)[0]; break;
                case 4: plain.AddRange(part.Span); break;
                case 8: name = Text(part); break;
                case 9: raw = part; break;
                case 13: elsewhere = true; break;
            }
        }, wholeNumbers: true);
        if (type is not (floats or doubles or halves or brains)) return null;
        if (elsewhere)
            throw new UserException(
                $"{path}: the values of '{name}' lie in another file, which this program does not read; export with the weights inside");
        var (kind, size) = type switch
        {
            floats => (ScalarType.Float32, 4),
            doubles => (ScalarType.Float64, 8),
            halves => (ScalarType.Float16, 2),
            _ => (ScalarType.BFloat16, 2),
        };
        var values = raw.IsEmpty && type == floats ? CollectionsMarshal.AsSpan(plain) : raw.Span;
        if (shape.Count > MostDimensions || shape.Any(side => side < 0)
            || shape.Aggregate((long)size, (all, side) => checked(all * side)) != values.Length)
            throw new InvalidDataException($"the values of '{name}' are not as many as its shape says");
        var tensor = empty([.. shape], kind);
        if (values.Length > 0) values.CopyTo(tensor.bytes);
        return (name, ForeignTensors.Wide(tensor));
    }

    /// <summary>Goes over the fields of a message; each is given with its bytes, a whole number with those of its varint.</summary>
    private static void Fields(ReadOnlyMemory<byte> message, Action<int, ReadOnlyMemory<byte>> found, bool wholeNumbers = false)
    {
        try
        {
            // Of the bytes as they are: the reader's positions are those of the message.
            using var input = new CodedInputStream(message.ToArray());
            while (input.ReadTag() is > 0 and var tag)
            {
                var (field, start) = (WireFormat.GetTagFieldNumber(tag), (int)input.Position);
                switch (WireFormat.GetTagWireType(tag))
                {
                    case WireFormat.WireType.LengthDelimited:
                        var length = input.ReadBytes().Length;
                        found(field, message.Slice((int)input.Position - length, length));
                        break;
                    case WireFormat.WireType.Varint:
                        input.ReadUInt64();
                        if (wholeNumbers) found(field, message[start..(int)input.Position]);
                        break;
                    case WireFormat.WireType.Fixed32 when wholeNumbers:
                        input.ReadFixed32();
                        found(field, message[start..(int)input.Position]);
                        break;
                    default:
                        input.SkipLastField();
                        break;
                }
            }
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    /// <summary>Whole numbers, packed or one alone.</summary>
    private static List<long> Numbers(ReadOnlyMemory<byte> part)
    {
        var numbers = new List<long>();
        using var input = new CodedInputStream(part.ToArray());
        while (!input.IsAtEnd) numbers.Add(input.ReadInt64());
        return numbers.Count > 0 ? numbers : throw new InvalidDataException("a number is missing");
    }

    private static string Text(ReadOnlyMemory<byte> part) => ByteString.CopyFrom(part.Span).ToStringUtf8();
}
