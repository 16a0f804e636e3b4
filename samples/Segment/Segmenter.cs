using DataSsl.Models;
using Detect;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace Segment;

/// <summary>The emitted segmenter in one of its forms: take the one that you need, and leave the others.</summary>
internal abstract class Segmenter : IDisposable
{
    public const int Side = StreetSegmenterPure.Side;

    public static IReadOnlyList<string> Classes => StreetSegmenterPure.Classes;

    public static Segmenter Open(string form, string models) => form switch
    {
        "torch" => new Torch(Path.Combine(models, "StreetSegmenter.safetensors")),
        "onnx" => new Onnx(Path.Combine(models, "StreetSegmenter.onnx")),
        "csharp" => new Pure(Path.Combine(models, "StreetSegmenter.safetensors")),
        _ => throw new InvalidDataException($"{form}: is none of torch, onnx, csharp"),
    };

    /// <summary>Classes [side, side], and the height and width that the photo has in the upper left corner.</summary>
    public (int[] Labels, int Height, int Width) Run(Photo photo)
    {
        var (values, height, width) = photo.Square(
            Side, StreetSegmenterPure.ShortSide, StreetSegmenterPure.LongSide, StreetSegmenterPure.Mean, StreetSegmenterPure.Deviation);
        return (Run(values), height, width);
    }

    public abstract void Dispose();

    protected abstract int[] Run(float[] image);

    /// <summary>C# alone.</summary>
    private sealed class Pure(string weights) : Segmenter
    {
        private readonly StreetSegmenterPure network = StreetSegmenterPure.Load(weights, Environment.ProcessorCount);

        public override void Dispose() => network.Dispose();

        protected override int[] Run(float[] image)
        {
            var labels = new int[Side * Side];
            network.Segment(image, labels);
            return labels;
        }
    }

    /// <summary>Over the TorchSharp API.</summary>
    private sealed class Torch : Segmenter
    {
        private readonly StreetSegmenter network;

        public Torch(string weights)
        {
            network = new StreetSegmenter().load_safetensors(weights);
            network.eval();
        }

        public override void Dispose() => network.Dispose();

        protected override int[] Run(float[] image)
        {
            using var images = tensor(image, [1, 3, Side, Side]);
            using var labels = network.Segment(images);
            return Array.ConvertAll(labels.data<long>().ToArray(), label => (int)label);
        }
    }

    /// <summary>In ONNX Runtime.</summary>
    private sealed class Onnx(string path) : Segmenter
    {
        private readonly RunOptions options = new();
        private readonly InferenceSession session = Session(path);

        public override void Dispose()
        {
            session.Dispose();
            options.Dispose();
        }

        protected override int[] Run(float[] image)
        {
            using var images = OrtValue.CreateTensorValueFromMemory(image, [1, 3, Side, Side]);
            using var labels = session.Run(options, new Dictionary<string, OrtValue> { ["images"] = images }, ["labels"]);
            return Array.ConvertAll(labels[0].GetTensorDataAsSpan<long>().ToArray(), label => (int)label);
        }

        private static InferenceSession Session(string path)
        {
            try
            {
                return new(path);
            }
            catch (OnnxRuntimeException e)
            {
                throw new InvalidDataException($"{path}: {e.Message}", e);
            }
        }
    }
}
