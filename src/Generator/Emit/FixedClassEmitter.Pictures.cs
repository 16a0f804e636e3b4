using System.Globalization;
using System.Linq;
using DataSsl.Kernels;

namespace DataSsl.Generator.Emit;

internal sealed partial class FixedClassEmitter
{
    /// <summary>What comes between a decoded picture and the network, as training's and evaluation's images were made.</summary>
    private void EmitPictures()
    {
        if (!plan.TakesPictures) return;
        w.Summary("Side in pixels of the images that it was proven on, and that pictures are brought to.");
        w.Line($"public const int Side = {Names.Number(spec.Size)};").Line();
        w.Line($"private static readonly float[] Mean = [{Floats(ImageNetStatistics.Mean)}], Deviation = [{Floats(ImageNetStatistics.Deviation)}];").Line();
        foreach (var line in Pictures.Summary(spec.Size, $"[1, 3, {spec.Size}, {spec.Size}]")) w.Line(line);
        w.Line(PreprocessBody.Replace("SHORT", Names.Number(ShownImage.ShortSide(spec.Size)))).Line();
        Method("Embed", $"The embedding of a picture: {At(plan.Embedding)} values.", "call");
        if (spec.Head > 0) Method("Classify", $"The classes' logits of a picture: {spec.Head} values.", "classify");

        void Method(string name, string summary, string of)
        {
            w.Summary(summary);
            w.Line(
                "/// <inheritdoc cref=\"Preprocess\"/>\n"
                    + MethodBody.Replace("NAME", name).Replace("OF", of)).Line();
        }

        static string Floats(double[] values) => string.Join(", ", values.Select(v => v.ToString(CultureInfo.InvariantCulture) + "f"));
    }

    private const string PreprocessBody = """
        public static Tensor Preprocess(ReadOnlySpan<byte> rgb, int width, int height)
        {
            if (width < 1 || height < 1 || rgb.Length != 3L * width * height)
                throw new ArgumentException($"{rgb.Length} bytes are no picture of {height} x {width} pixels of three bytes", nameof(rgb));
            using var grad = no_grad();
            using var scope = NewDisposeScope();
            var shorter = Math.Min(width, height);
            long[] size = [SHORTL * height / shorter, SHORTL * width / shorter];
            var picture = tensor(rgb.ToArray(), [1, height, width, 3]).permute(0, 3, 1, 2).to(ScalarType.Float32);
            var resized = functional.interpolate(picture, size, mode: InterpolationMode.Bilinear, align_corners: false, antialias: true);
            var (top, left) = ((long)Math.Round((size[0] - Side) / 2.0), (long)Math.Round((size[1] - Side) / 2.0));
            var square = resized.narrow(2, top, Side).narrow(3, left, Side) / 255;
            return ((square - tensor(Mean, [3, 1, 1])) / tensor(Deviation, [3, 1, 1])).MoveToOuterDisposeScope();
        }
        """;

    private const string MethodBody = """
        public float[] NAME(ReadOnlySpan<byte> rgb, int width, int height)
        {
            if (training) throw new InvalidOperationException("call eval() first: in training BatchNorm takes its statistics from the batch");
            using var grad = no_grad();
            using var scope = NewDisposeScope();
            var weights = parameters().First();
            return OF(Preprocess(rgb, width, height).to(weights.dtype, weights.device)).to(ScalarType.Float32).cpu().data<float>().ToArray();
        }
        """;
}
