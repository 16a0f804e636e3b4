using DataSsl.Models;
using static TorchSharp.torch;

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

    public float[] Embed(float[] image)
    {
        using var grad = no_grad();
        using var images = tensor(image, [1, BackbonePure.Channels, BackbonePure.Side, BackbonePure.Side]);
        using var embedding = network.call(images);
        return embedding.data<float>().ToArray();
    }

    public void Dispose() => network.Dispose();
}
