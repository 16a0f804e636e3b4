using System.Runtime.InteropServices;
using Google.Protobuf;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Onnx;

/// <summary>
/// An ONNX file read back and run operator by operator: the proof at emit, which needs no ONNX Runtime on the machine. It knows the operators that <see cref="OnnxLayers"/>
/// writes, by ONNX's definitions; the tests hold both to the real runtime.
/// </summary>
internal sealed class OnnxProgram : IDisposable
{
    private readonly Dictionary<string, Tensor> constants = [];
    private readonly List<OnnxOperator> operators;
    private readonly List<string> outputs;
    private readonly string input;

    /// <exception cref="InvalidDataException">The file is no ONNX model.</exception>
    public OnnxProgram(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var coded = CodedInputStream.CreateWithLimits(file, int.MaxValue, 100);
            var graph = new ProtoFields(coded).Messages(7).Single();
            foreach (var constant in graph.Messages(5)) constants.Add(constant.Text(8), Constant(constant));
            operators = [.. graph.Messages(1).Select(node => new OnnxOperator(node))];
            input = graph.Messages(11).Single().Text(1);
            outputs = [.. graph.Messages(12).Select(output => output.Text(1))];
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidOperationException or InvalidCastException)
        {
            throw new InvalidDataException($"{path}: not an ONNX model ({e.Message})", e);
        }
    }

    /// <summary>The outputs by name; the caller's dispose scope owns them.</summary>
    public IReadOnlyDictionary<string, Tensor> Run(Tensor images)
    {
        using var scope = NewDisposeScope();
        var values = new Dictionary<string, Tensor>(constants) { [input] = images };
        foreach (var step in operators) values[step.Output] = step.Run([.. step.Inputs.Select(name => values[name])]);
        return outputs.ToDictionary(name => name, name => values[name].MoveToOuterDisposeScope());
    }

    public void Dispose()
    {
        foreach (var constant in constants.Values) constant.Dispose();
    }

    /// <summary>A <c>TensorProto</c> with raw values.</summary>
    private static Tensor Constant(ProtoFields proto)
    {
        var shape = proto.Integers(1).ToArray();
        var bytes = proto.Bytes(9).Span;
        var result = proto.Integer(2) switch
        {
            1 => tensor(MemoryMarshal.Cast<byte, float>(bytes).ToArray(), shape),
            7 => tensor(MemoryMarshal.Cast<byte, long>(bytes).ToArray(), shape),
            10 => tensor(Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), half => (float)half), shape),
            var type => throw new InvalidOperationException($"a tensor of type {type}"),
        };
        return result.DetachFromDisposeScope();
    }
}
