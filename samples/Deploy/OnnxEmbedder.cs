using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using DataSsl.Models;

namespace Deploy;

/// <summary>The emitted ONNX model in ONNX Runtime, which runs in a process of its own: <c>embed.mjs</c> says why and what the two tell each other.</summary>
internal sealed class OnnxEmbedder : IEmbedder
{
    private readonly Process runtime;
    private readonly Stream images, embeddings;

    public OnnxEmbedder(string models)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(AppContext.BaseDirectory, "embed.mjs"), Path.Combine(models, "Backbone.onnx"), $"{BackbonePure.Side}"]);
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        try
        {
            runtime = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidDataException($"node: does not start ({e.Message})", e);
        }
        (images, embeddings) = (runtime.StandardInput.BaseStream, runtime.StandardOutput.BaseStream);
    }

    public float[] Embed(float[] image)
    {
        images.Write(MemoryMarshal.AsBytes(image.AsSpan()));
        images.Flush();
        var length = new int[1];
        embeddings.ReadExactly(MemoryMarshal.AsBytes(length.AsSpan()));
        var embedding = new float[length[0]];
        embeddings.ReadExactly(MemoryMarshal.AsBytes(embedding.AsSpan()));
        return embedding;
    }

    public void Dispose()
    {
        images.Close();
        runtime.WaitForExit();
        runtime.Dispose();
    }
}
