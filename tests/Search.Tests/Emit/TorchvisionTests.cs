using DataSsl.Runtime.Storage;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Emit;

/// <summary>The emitted anchor ResNet50 is torchvision's network: the same keys, weights that go both ways, the same features.</summary>
public sealed class TorchvisionTests(TorchvisionPeer peer) : IClassFixture<TorchvisionPeer>
{
    [SkippableFact]
    public void KeysAreTorchvisions() => Assert.Equal(peer.Keys.Order(StringComparer.Ordinal), peer.Emitted.Module.state_dict().Keys.Order(StringComparer.Ordinal));

    [SkippableFact]
    public void TorchvisionsWeightsLoad()
    {
        Assert.NotEmpty(peer.Keys);
        peer.Emitted.Load(peer.File("torchvision.safetensors"));
        MustAgree("torchvision-outputs.safetensors");
    }

    [SkippableFact]
    public void TorchvisionLoadsOurWeights()
    {
        Assert.NotEmpty(peer.Keys);
        peer.Emitted.Load(peer.File("emitted.safetensors"));
        MustAgree("emitted-outputs.safetensors");
    }

    /// <summary>In torchvision's classifier, by way of a .pth file, and as the backbone of its detector.</summary>
    [SkippableFact]
    public void TheDocumentedPythonLoadsOurWeights()
    {
        Assert.NotEmpty(peer.Keys);
        peer.Emitted.Load(peer.File("emitted.safetensors"));
        MustAgree("documented-outputs.safetensors");
    }

    private void MustAgree(string file)
    {
        using var scope = NewDisposeScope();
        var expected = SafeTensors.Read(peer.File(file)).Tensors;
        var outputs = peer.Emitted.Outputs(peer.Images);
        Assert.Equal(5, outputs.Count);
        for (var i = 0; i < outputs.Count; i++)
        {
            var theirs = expected[$"{i}"];
            Assert.Equal(theirs.shape, outputs[i].shape);
            var scale = theirs.abs().max().item<float>();
            Assert.True(scale > 0.1, $"output {i} is all but zero, which proves nothing");
            Assert.InRange((outputs[i] - theirs).abs().max().item<float>() / scale, 0, 1e-5);
        }
        foreach (var value in expected.Values) value.Dispose();
    }
}
