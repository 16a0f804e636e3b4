using DataSsl.Models;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace Detect;

/// <summary>The emitted detector in one of its forms: take the one that you need, and leave the others.</summary>
internal abstract class Detector : IDisposable
{
    /// <summary>Objects of at least this score are drawn.</summary>
    public const float Sure = 0.4f;

    public static IReadOnlyList<string> Classes => CellDetector.Classes;

    public static Detector Open(string form, string models) => form switch
    {
        "torch" => new Torch(Path.Combine(models, "CellDetector.safetensors")),
        "onnx" => new Onnx(Path.Combine(models, "CellDetector.onnx")),
        "csharp" => new Pure(Path.Combine(models, "CellDetector.safetensors")),
        _ => throw new InvalidDataException($"{form}: is none of torch, onnx, csharp"),
    };

    /// <summary>What is on a photo, in its own pixels; the best first.</summary>
    public IEnumerable<CellDetector.Detection> Find(Photo photo)
    {
        var (values, height, width) = photo.Square(
            CellDetector.Side, CellDetector.ShortSide, CellDetector.LongSide, CellDetector.Mean, CellDetector.Deviation);
        var (across, down) = ((float)photo.Width / width, (float)photo.Height / height);
        return Run(values, height, width)
            .Select(d => d with { Left = d.Left * across, Top = d.Top * down, Right = d.Right * across, Bottom = d.Bottom * down });
    }

    public abstract void Dispose();

    protected abstract IEnumerable<CellDetector.Detection> Run(float[] image, int height, int width);

    /// <summary>C# alone.</summary>
    private sealed class Pure(string weights) : Detector
    {
        private readonly CellDetectorPure network = CellDetectorPure.Load(weights, Environment.ProcessorCount);

        public override void Dispose() => network.Dispose();

        protected override IEnumerable<CellDetector.Detection> Run(float[] image, int height, int width) =>
            network.Detect(image, height, width)
                .Select(d => new CellDetector.Detection(d.Left, d.Top, d.Right, d.Bottom, d.Score, d.Label));
    }

    /// <summary>Over the TorchSharp API.</summary>
    private sealed class Torch : Detector
    {
        private readonly CellDetector network;

        public Torch(string weights)
        {
            network = new CellDetector().load_safetensors(weights);
            network.eval();
        }

        public override void Dispose() => network.Dispose();

        protected override IEnumerable<CellDetector.Detection> Run(float[] image, int height, int width)
        {
            using var images = tensor(image, [1, 3, CellDetector.Side, CellDetector.Side]);
            return network.Detect(images, (height, width))[0];
        }
    }

    /// <summary>In ONNX Runtime.</summary>
    private sealed class Onnx(string path) : Detector
    {
        private readonly RunOptions options = new();
        private readonly InferenceSession session = Session(path);

        public override void Dispose()
        {
            session.Dispose();
            options.Dispose();
        }

        protected override IEnumerable<CellDetector.Detection> Run(float[] image, int height, int width)
        {
            using var images = OrtValue.CreateTensorValueFromMemory(image, [1, 3, CellDetector.Side, CellDetector.Side]);
            using var size = OrtValue.CreateTensorValueFromMemory(new float[] { height, width }, [2]);
            using var found = session.Run(
                options, new Dictionary<string, OrtValue> { ["images"] = images, ["size"] = size }, ["boxes", "scores", "labels"]);
            var (boxes, scores, labels) = (found[0].GetTensorDataAsSpan<float>().ToArray(), found[1].GetTensorDataAsSpan<float>().ToArray(),
                found[2].GetTensorDataAsSpan<long>().ToArray());
            return scores.Select((score, k) => new CellDetector.Detection(
                boxes[4 * k], boxes[4 * k + 1], boxes[4 * k + 2], boxes[4 * k + 3], score, (int)labels[k]));
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
