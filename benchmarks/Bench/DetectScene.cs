using DataSsl.Dense.Data;
using DataSsl.Dense.Training;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Networks;
using static TorchSharp.torch;

namespace DataSsl.Bench;

/// <summary>
/// What all contestants of bench detect begin with, in one file: the weights of a Faster R-CNN with a feature pyramid, images, and boxes on
/// them.
/// </summary>
/// <param name="Architecture">ResNet50 of torchvision's widths.</param>
/// <param name="Size">Side of the images, which no contestant has to scale.</param>
internal sealed record DetectScene(Architecture Architecture, int Size)
{
    private const string ImagesKey = "scene.images", ObjectsKey = "scene.objects";

    /// <summary>As many as torchvision's detectors tell apart, without the background.</summary>
    private const int Classes = 90;

    private const int ObjectsAnImage = 12;

    private DenseSettings Settings => new()
    {
        Task = DenseTask.Detection,
        Head = DenseHead.Fpn,
        Classes = [.. Enumerable.Range(0, Classes).Select(i => $"class {i}")],
        MinSize = Size,
        MaxSize = Size,
        Width = 256,
        Representation = 1024,
    };

    /// <summary>The detector, with weights of its own.</summary>
    public DenseNetwork Network() => DenseNetwork.Of(
        Settings, FixedNetwork.Untrained(Architecture, Size, folded: false, ScalarType.Float32), Size, seed: 0, CPU);

    /// <summary>Writes weights, and so many images of noise.</summary>
    public void Write(string path, int images)
    {
        using var scope = NewDisposeScope();
        using var network = Network();
        var random = CounterRandom.For(0, "bench detect");
        using var generator = new TorchSharp.torch.Generator(0);
        var pixels = randint(0, 256, [images, 3, Size, Size], ScalarType.Float32, generator: generator);
        Calibrate(network, (pixels.narrow(0, 0, Math.Min(images, 4)) / 255f - 0.45f) / 0.225f);
        var objects = new List<float>();
        for (var i = 0; i < images * ObjectsAnImage; i++)
        {
            var (width, height) = (Size * random.Between(0.1, 0.5), Size * random.Between(0.1, 0.5));
            var (left, top) = ((Size - width) * random.NextDouble(), (Size - height) * random.NextDouble());
            objects.AddRange(
                [i / ObjectsAnImage, random.Below(Classes), (float)left, (float)top, (float)(left + width), (float)(top + height)]);
        }
        SafeTensors.Write(
            path,
            network.State.Where(entry => entry.Tensor.dim() > 0)
                .Concat([(ImagesKey, pixels), (ObjectsKey, tensor(objects.ToArray(), [objects.Count / 6, 6]))]),
            new Dictionary<string, string>());
    }

    /// <summary>Reads the weights into a network, and what it is to learn from.</summary>
    public static DenseExamples Read(string path, DenseNetwork network)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (tensors, _) = SafeTensors.Read(path);
        foreach (var (key, values) in network.State)
            if (values.dim() > 0) values.copy_(tensors[key]);
        var pixels = tensors[ImagesKey].permute(0, 2, 3, 1).to(ScalarType.Byte).contiguous();
        var (numbers, side) = (tensors[ObjectsKey].data<float>().ToArray().Chunk(6).ToLookup(n => (int)n[0]), (int)pixels.shape[1]);
        return new Examples(
            [
                .. Enumerable.Range(0, (int)pixels.shape[0]).Select(
                    i => (new Image(side, side, pixels[i].data<byte>().ToArray()),
                        (IReadOnlyList<LabelledObject>)[.. numbers[i].Select(Of)])),
            ]);

        static LabelledObject Of(float[] n)
        {
            var box = new Box(n[2], n[3], n[4] - n[2], n[5] - n[3]);
            return new((int)n[1], box, box.Area);
        }
    }

    /// <summary>
    /// Statistics of BatchNorm from one batch: without them the maps of a network that was never trained grow from block to block.
    /// </summary>
    private static void Calibrate(DenseNetwork network, Tensor images)
    {
        const float Kept = 0.9f, Taken = 0.1f;
        using var grad = no_grad();
        network.Backbone.train();
        foreach (var map in network.Backbone.Maps(images)) map.Dispose();
        network.Backbone.eval();
        // What it began with, 0 and 1, is taken out of them again.
        foreach (var (key, values) in network.State)
            if (key.EndsWith("running_mean", StringComparison.Ordinal)) values.div_(Taken);
            else if (key.EndsWith("running_var", StringComparison.Ordinal)) values.sub_(Kept).div_(Taken);
    }

    /// <summary>Decoded images, of which nothing is drawn: they come to all contestants as they are.</summary>
    private sealed class Examples((Image Image, IReadOnlyList<LabelledObject> Objects)[] items) : DenseExamples
    {
        public override int Count => items.Length;

        public override IReadOnlyList<int> ClassesOf(int index) => [.. items[index].Objects.Select(o => o.Class).Distinct()];

        public override DenseExamples At(int[] indices) => new Examples(Array.ConvertAll(indices, i => items[i]));

        internal override Tensor Loss(DenseNetwork network, int[] some, JointAugmentation how, ulong seed, long step, Device device)
        {
            var still = network.Settings.Images();
            return DetectionExamples.Loss(
                network,
                some.Select(
                    i => TrainingView.Of(
                        items[i].Image, items[i].Objects, still.Place(items[i].Image.Width, items[i].Image.Height, seed, step, i), still,
                        withMasks: false)),
                seed, step, device);
        }
    }
}
