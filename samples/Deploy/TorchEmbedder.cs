using DataSsl.Models;

namespace Deploy;

/// <summary>The emitted class over the TorchSharp API.</summary>
internal sealed class TorchEmbedder : IEmbedder
{
    private readonly Backbone network;

    public TorchEmbedder(string models)
    {
        network = new Backbone().load_safetensors(Path.Combine(models, "Backbone.safetensors"));
        network.eval();
    }

    public float[] Embed(byte[] rgb, int width, int height) => network.Embed(rgb, width, height);

    public void Dispose() => network.Dispose();
}
