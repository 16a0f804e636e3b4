using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Emit;

/// <summary>The emitted anchor ResNet50 is torchvision's network: the same keys, weights that go both ways, the same features.</summary>
public sealed class TorchvisionTests(TorchvisionPeer peer) : IClassFixture<TorchvisionPeer>
{
    [Fact]
    public void KeysAndShapesAreTorchvisions() => Assert.Equal(
        peer.Keys.Where(entry => !TorchvisionPeer.IsClassifier(entry.Key)).Select(entry => $"{entry.Key} {string.Join('x', entry.Shape)}")
            .Order(StringComparer.Ordinal),
        peer.Emitted.Module.state_dict().Select(entry => $"{entry.Key} {string.Join('x', entry.Value.shape)}")
            .Order(StringComparer.Ordinal));

    /// <summary>A whole state of torchvision's, with the classifier that the emitted class does not have.</summary>
    [Fact]
    public void TorchvisionsWeightsLoad()
    {
        peer.Emitted.Load(peer.Weights(withClassifier: true));
        MustAgree("torchvision");
    }

    /// <summary>
    /// The Python of docs/deploy.md took the same weights without a classifier to torchvision's own, by way of a .pth file, and to the
    /// backbone of its detector.
    /// </summary>
    [Fact]
    public void TheDocumentedPythonLoadsOurWeights()
    {
        peer.Emitted.Load(peer.Weights(withClassifier: false));
        MustAgree("documented");
    }

    private void MustAgree(string recorded)
    {
        using var scope = NewDisposeScope();
        var (sketches, shapes) = peer.Outputs(recorded);
        var outputs = peer.Emitted.Outputs(peer.Images);
        Assert.Equal(5, outputs.Count);
        for (var i = 0; i < outputs.Count; i++)
        {
            Assert.Equal(shapes[i].data<long>().ToArray(), outputs[i].shape.Concat(Enumerable.Repeat(1L, 4 - outputs[i].shape.Length)));
            Assert.True(outputs[i].abs().max().item<float>() > 0.1, $"output {i} is all but zero, which proves nothing");
            Sketch.MustBe(sketches[i], outputs[i], 1e-5, $"output {i}");
        }
    }
}
