using System.Globalization;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DataSsl.Search.Onnx;

/// <summary>
/// An ONNX graph as it grows: an operator takes the names of values and gives the name of its result. Field numbers are those of
/// onnx.proto.
/// </summary>
/// <param name="half">Matrices and kernels are stored in 16 bits and widened where they are used; all computing is in 32.</param>
internal sealed class OnnxGraph(bool half)
{
    /// <summary>What the operators mean; 17 is the first with LayerNormalization.</summary>
    public const int OpSet = 17;

    /// <summary>The file format of that time.</summary>
    private const int IrVersion = 8;

    private readonly List<ProtoMessage> inputs = [], outputs = [], constants = [];
    private readonly HashSet<string> shared = [], weights = [];
    private readonly List<Node> nodes = [];

    /// <summary>What a <c>Cast</c> to 32-bit floats names.</summary>
    public const long Float = (long)DataType.Float;

    /// <summary>Of <c>TensorProto</c>.</summary>
    private enum DataType
    {
        Float = 1,
        UInt8 = 2,
        Int8 = 3,
        Int32 = 6,
        Int64 = 7,
        Float16 = 10,
    }

    /// <summary>An operator with one result.</summary>
    /// <param name="result">Name of the result, which none has yet.</param>
    /// <param name="attributes">Whole numbers, lists of them, floats, and words.</param>
    /// <returns><paramref name="result"/>.</returns>
    public string Apply(string result, string type, string[] inputs, params (string Name, object Value)[] attributes)
    {
        nodes.Add(new(type, inputs, attributes, [result]));
        return result;
    }

    /// <summary>An operator with two results.</summary>
    public (string First, string Second) ApplyTwo(
        string first, string second, string type, string[] inputs, params (string Name, object Value)[] attributes)
    {
        nodes.Add(new(type, inputs, attributes, [first, second]));
        return (first, second);
    }

    /// <summary>Gives the last operator's result, which no other has used yet, the name of an output.</summary>
    public string Rename(string output)
    {
        nodes[^1] = nodes[^1] with { Outputs = [output] };
        return output;
    }

    /// <summary>A float input; a side is a number, or a name where each run decides.</summary>
    public string Input(string name, params object[] sides)
    {
        inputs.Add(ValueInfo(name, sides));
        return name;
    }

    /// <summary>The same of bytes.</summary>
    public string Bytes(string name, params object[] sides)
    {
        inputs.Add(ValueInfo(name, sides, DataType.UInt8));
        return name;
    }

    /// <summary>A float output, of which an operator's result has the name.</summary>
    public void Output(string name, params object[] sides) => outputs.Add(ValueInfo(name, sides));

    /// <summary>A value on the way as a further float output, of whatever shape it has.</summary>
    public void Observe(string name) =>
        outputs.Add(new ProtoMessage().Add(1, name).Add(2, new ProtoMessage().Add(1, new ProtoMessage().Add(1, Float))));

    /// <summary>The same of whole numbers of 64 bits.</summary>
    public void IntegerOutput(string name, params object[] sides) => outputs.Add(ValueInfo(name, sides, DataType.Int64));

    /// <summary>A tensor of the network.</summary>
    public string Weight(string name, Tensor values)
    {
        using var scope = NewDisposeScope();
        var type = half && values.dim() > 1 ? DataType.Float16 : DataType.Float;
        var stored = values.detach().cpu().to(type == DataType.Float16 ? ScalarType.Float16 : ScalarType.Float32).contiguous();
        var storedName = type == DataType.Float16 ? name + ".half" : name;
        // Of two with a name, runtimes take the later one.
        if (!weights.Add(name)) throw new ArgumentException($"the graph has a tensor '{name}' already", nameof(name));
        constants.Add(Constant(storedName, type, stored.shape, stored.bytes.ToArray()));
        return storedName == name ? name : Apply(name, "Cast", [storedName], ("to", Float));
    }

    /// <summary>Numbers under a name of their own: 32-bit floats, bytes with or without a sign, whole numbers of 32 bits.</summary>
    /// <param name="sides">Their shape; none of one number without a dimension.</param>
    public string Values<T>(string name, ReadOnlySpan<T> values, params long[] sides) where T : unmanaged
    {
        var type = default(T) switch
        {
            float => DataType.Float,
            byte => DataType.UInt8,
            sbyte => DataType.Int8,
            int => DataType.Int32,
            _ => throw new ArgumentException($"{typeof(T).Name} is not written", nameof(values)),
        };
        if (!weights.Add(name)) throw new ArgumentException($"the graph has a tensor '{name}' already", nameof(name));
        constants.Add(Constant(name, type, sides, MemoryMarshal.AsBytes(values).ToArray()));
        return name;
    }

    /// <summary>A list of whole numbers.</summary>
    public string Integers(params long[] values) =>
        Shared($"[{string.Join(",", values)}]", DataType.Int64, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>One whole number, without a dimension.</summary>
    public string Integer(long value) =>
        Shared(value.ToString(CultureInfo.InvariantCulture), DataType.Int64, [], BitConverter.GetBytes(value));

    /// <summary>One number of 32 bits, without a dimension.</summary>
    public string Number(float value) =>
        Shared(value.ToString("0.0#######", CultureInfo.InvariantCulture), DataType.Float, [], BitConverter.GetBytes(value));

    /// <summary>The <c>ModelProto</c>; ONNX wants each key of its metadata once.</summary>
    public ProtoMessage Model(string name, string version, IReadOnlyDictionary<string, string> metadata) => new ProtoMessage()
        .Add(1, IrVersion).Add(2, "datassl").Add(3, version)
        .Add(7, new ProtoMessage().Add(1, nodes.Select(n => n.Message())).Add(2, name).Add(5, constants).Add(11, inputs).Add(12, outputs))
        .Add(8, new ProtoMessage().Add(1, "").Add(2, OpSet))
        .Add(14, metadata.Select(entry => new ProtoMessage().Add(1, entry.Key).Add(2, entry.Value)));

    private string Shared(string name, DataType type, long[] shape, byte[] values)
    {
        if (shared.Add(name)) constants.Add(Constant(name, type, shape, values));
        return name;
    }

    /// <summary>A <c>TensorProto</c> with its values as they lie in memory.</summary>
    private static ProtoMessage Constant(string name, DataType type, long[] shape, byte[] values)
    {
        var tensor = new ProtoMessage();
        foreach (var side in shape) tensor.Add(1, side);
        return tensor.Add(2, (long)type).Add(8, name).Add(9, values);
    }

    /// <summary>A <c>ValueInfoProto</c> of a tensor.</summary>
    private static ProtoMessage ValueInfo(string name, object[] sides, DataType type = DataType.Float)
    {
        var shape = new ProtoMessage()
            .Add(
                1,
                sides.Select(
                    side =>
                        side is string variable
                            ? new ProtoMessage().Add(2, variable)
                            : new ProtoMessage().Add(1, Convert.ToInt64(side, CultureInfo.InvariantCulture))));
        return new ProtoMessage().Add(1, name)
            .Add(2, new ProtoMessage().Add(1, new ProtoMessage().Add(1, (long)type).Add(2, shape)));
    }

    private sealed record Node(string Type, string[] Inputs, (string Name, object Value)[] Attributes, string[] Outputs)
    {
        /// <summary>The <c>NodeProto</c>, named after its first result.</summary>
        public ProtoMessage Message()
        {
            var node = new ProtoMessage();
            foreach (var input in Inputs) node.Add(1, input);
            foreach (var output in Outputs) node.Add(2, output);
            return node.Add(3, Outputs[0]).Add(4, Type).Add(5, Attributes.Select(a => Attribute(a.Name, a.Value)));
        }

        /// <summary>An <c>AttributeProto</c>; field 20 is its type.</summary>
        private static ProtoMessage Attribute(string name, object value)
        {
            var attribute = new ProtoMessage().Add(1, name);
            switch (value)
            {
                case float number:
                    return attribute.Add(2, number).Add(20, 1);
                case long number:
                    return attribute.Add(3, number).Add(20, 2);
                case string word:
                    return attribute.Add(4, word).Add(20, 3);
                case long[] numbers:
                    foreach (var number in numbers) attribute.Add(8, number);
                    return attribute.Add(20, 7);
                default:
                    throw new ArgumentException($"attribute {name} is of a type that is not written", nameof(value));
            }
        }
    }
}
