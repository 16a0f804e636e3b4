using DataSsl.Bench;
using DataSsl.Dense.Data;
using DataSsl.Dense.Heads;
using DataSsl.Runtime.Storage;
using DataSsl.Spaces;
using static TorchSharp.torch;

namespace DataSsl.EndToEnd.Peers;

/// <summary>The peer of bench detect has the losses of ours, from the same weights, images and boxes.</summary>
public sealed class DetectPeerTests
{
    private const int Size = 32, Images = 2;

    [SkippableFact]
    public void In_PyTorch()
    {
        PyTorchPeers.Require();
        using var scope = NewDisposeScope();
        var file = Path.GetTempFileName();
        try
        {
            var scene = new DetectScene(CompiledSpaces.All.Single(s => s.Name == "DataResNet").Parse("ResNet50"), Size);
            scene.Write(file, Images);
            using var network = scene.Network();
            DetectScene.Read(file, network);
            var (tensors, _) = SafeTensors.Read(file);
            network.Module.train();
            network.Backbone.eval();
            var ours = network.Detector!.Losses(Pixels(tensors), Targets(tensors), seed: 0, step: 0);
            var theirs = PyTorchPeers.Numbers(tensors.Select(entry => (entry.Key, entry.Value)), ["detect", $"{Size}"]);
            string[] names = ["loss_classifier", "loss_box_reg", "loss_objectness", "loss_rpn_box_reg"];
            Assert.Equal(names.Length, theirs.Length);
            // Those that stand for boxes are fewer than are drawn: all are taken. What else a loss is over is each library's own draw.
            Assert.Equal(theirs[3], ours[names[3]].item<float>(), 1e-4 * theirs[3]);
            for (var i = 0; i < 3; i++) Assert.InRange(ours[names[i]].item<float>() / theirs[i], 0.85, 1.15);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Normalised by torchvision's numbers.</summary>
    private static PaddedImages Pixels(Dictionary<string, Tensor> tensors)
    {
        var (mean, std) = (Channels(0.485f, 0.456f, 0.406f), Channels(0.229f, 0.224f, 0.225f));
        return PaddedImages.Of([.. ((tensors["scene.images"] / 255f - mean) / std).unbind(0)]);

        static Tensor Channels(params float[] values) => tensor(values).reshape(3, 1, 1);
    }

    private static IReadOnlyList<Target> Targets(Dictionary<string, Tensor> tensors)
    {
        var objects = tensors["scene.objects"];
        return
        [
            .. Enumerable.Range(0, Images).Select(i => objects.index_select(0, objects.select(1, 0).eq(i).nonzero().flatten()))
                .Select(own => new Target(own.narrow(1, 2, 4), own.select(1, 1).to(ScalarType.Int64))),
        ];
    }
}
