using DataSsl.Runtime.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace DataSsl.Search.Onnx;

/// <summary>An ONNX file in ONNX Runtime on the CPU: the proof at emit, a contestant of <c>bench infer</c>, a foreign teacher.</summary>
public sealed class OnnxModel : IDisposable
{
    private readonly RunOptions options = new();
    private readonly List<IDisposable> bound = [];
    private readonly InferenceSession session;

    /// <param name="threads">Threads within an operator; operators run one after the other, as a network's do.</param>
    /// <exception cref="InvalidDataException">ONNX Runtime does not take the file.</exception>
    public OnnxModel(string path, int threads)
    {
        // What is wrong with a file is told by the exception; ONNX Runtime would print it as well.
        using var settings = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        try
        {
            session = new(path, settings);
        }
        catch (OnnxRuntimeException e)
        {
            options.Dispose();
            throw new InvalidDataException($"{path}: ONNX Runtime does not take the file ({OneLine(e)})", e);
        }
    }

    /// <summary>What the file calls its inputs, and their shapes; a side that is free is below 0.</summary>
    public IReadOnlyDictionary<string, NodeMetadata> Inputs => session.InputMetadata;

    /// <summary>The same of its outputs, in the file's order.</summary>
    public IReadOnlyList<(string Name, NodeMetadata Metadata)> Outputs =>
        [.. session.OutputNames.Select(name => (name, session.OutputMetadata[name]))];

    /// <summary>Whether an input or output is a tensor of 32-bit floats; it may be a sequence or a map too.</summary>
    public static bool IsFloats(NodeMetadata value) => value.IsTensor && value.ElementDataType == TensorElementType.Float;

    /// <summary>What the file says of itself.</summary>
    public IReadOnlyDictionary<string, string> Metadata => session.ModelMetadata.CustomMetadataMap;

    /// <summary>The outputs by name for images [N, C, H, W]; the caller's dispose scope owns them.</summary>
    /// <param name="wanted">Which outputs; null for all.</param>
    /// <param name="further">What the model's inputs behind the first take, in its order.</param>
    /// <exception cref="InvalidDataException">ONNX Runtime cannot run the model on them.</exception>
    public IReadOnlyDictionary<string, Tensor> Run(Tensor images, IReadOnlyList<string>? wanted = null, params Tensor[] further) =>
        Outcome(session.InputNames.Zip(further.Prepend(images)).ToDictionary(input => input.First, input => Value(input.Second)), wanted);

    /// <summary>The same for one picture, of a model that takes such: the first side of each output is 1.</summary>
    /// <exception cref="InvalidDataException">ONNX Runtime cannot run the model on it.</exception>
    public IReadOnlyDictionary<string, Tensor> Run(Image picture) => Outcome(
        new()
        {
            [OnnxPictures.Pixels] = OrtValue.CreateTensorValueFromMemory(
                picture.Pixels.ToArray(), [1, picture.Height, picture.Width, picture.Format.Bands]),
        });

    private Dictionary<string, Tensor> Outcome(Dictionary<string, OrtValue> inputs, IReadOnlyList<string>? wanted = null)
    {
        using var scope = NewDisposeScope();
        try
        {
            wanted ??= session.OutputNames;
            using var outputs = session.Run(options, inputs, wanted);
            return wanted.Zip(outputs, (name, output) => (name, output))
                .ToDictionary(o => o.name, o => Values(o.output).MoveToOuterDisposeScope());
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"ONNX Runtime does not run the model ({OneLine(e)})", e);
        }
        finally
        {
            foreach (var input in inputs.Values) input.Dispose();
        }
    }

    private static OrtValue Value(Tensor values) =>
        OrtValue.CreateTensorValueFromMemory(values.to(ScalarType.Float32).contiguous().data<float>().ToArray(), values.shape);

    /// <summary>Whole numbers stay what they are.</summary>
    private static Tensor Values(OrtValue output)
    {
        var info = output.GetTensorTypeAndShape();
        if (info.ElementCount == 0) return zeros(info.Shape);
        return info.ElementDataType == TensorElementType.Int64
            ? tensor(output.GetTensorDataAsSpan<long>().ToArray(), info.Shape)
            : tensor(output.GetTensorDataAsSpan<float>().ToArray(), info.Shape);
    }

    /// <summary>The same pass over and over: images and embeddings stay where they are, and nothing is allocated.</summary>
    /// <param name="images">[N, C, H, W], N given by <paramref name="shape"/>.</param>
    /// <param name="embeddings">[N, width], filled by each pass.</param>
    /// <returns>A pass, until the model is disposed.</returns>
    public Action Bind(float[] images, long[] shape, float[] embeddings)
    {
        var input = OrtValue.CreateTensorValueFromMemory(images, shape);
        var output = OrtValue.CreateTensorValueFromMemory(embeddings, [shape[0], embeddings.Length / shape[0]]);
        var binding = session.CreateIoBinding();
        bound.AddRange([binding, input, output]);
        binding.BindInput(OnnxNetwork.Images, input);
        binding.BindOutput(OnnxNetwork.Embedding, output);
        return () => session.RunWithBinding(options, binding);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var one in bound) one.Dispose();
        session.Dispose();
        options.Dispose();
    }

    private static string OneLine(OnnxRuntimeException e) => e.Message.ReplaceLineEndings(" ").Trim();
}
