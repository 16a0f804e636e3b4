using DataSsl.Models;

namespace Deploy;

/// <summary>The emitted class in C# alone.</summary>
internal sealed class PureEmbedder(string models) : IEmbedder
{
    private readonly BackbonePure network = BackbonePure.Load(
        Path.Combine(models, "Backbone.safetensors"), threads: Environment.ProcessorCount);

    public float[] Embed(byte[] rgb, int width, int height) => network.Embed(rgb, width, height);

    public void Dispose() => network.Dispose();
}
