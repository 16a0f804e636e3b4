using DataSsl.Models;
using Microsoft.ML.OnnxRuntime;

namespace Deploy;

/// <summary>The emitted ONNX model in ONNX Runtime, by its .NET package.</summary>
internal sealed class OnnxEmbedder : IEmbedder
{
    private readonly RunOptions options = new();
    private readonly InferenceSession session;

    public OnnxEmbedder(string models)
    {
        var path = Path.Combine(models, "Backbone.onnx");
        try
        {
            session = new(path);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    public float[] Embed(float[] image)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(image, [1, 3, BackbonePure.Side, BackbonePure.Side]);
        using var outputs = session.Run(options, new Dictionary<string, OrtValue> { ["images"] = input }, ["embedding"]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose()
    {
        session.Dispose();
        options.Dispose();
    }
}
