using Microsoft.ML.OnnxRuntime;

namespace Deploy;

/// <summary>The emitted ONNX model that takes pictures, in ONNX Runtime, by its .NET package.</summary>
internal sealed class OnnxEmbedder : IEmbedder
{
    private readonly RunOptions options = new();
    private readonly InferenceSession session;

    public OnnxEmbedder(string models)
    {
        var path = Path.Combine(models, "Backbone.uint8.onnx");
        try
        {
            session = new(path);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    public float[] Embed(byte[] rgb, int width, int height)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(rgb, [1, height, width, 3]);
        using var outputs = session.Run(options, new Dictionary<string, OrtValue> { ["pixels"] = input }, ["embedding"]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose()
    {
        session.Dispose();
        options.Dispose();
    }
}
