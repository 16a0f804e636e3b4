using DataSsl.Generator.Plan;
using DataSsl.Kernels;

namespace DataSsl.Generator.Emit;

internal sealed partial class FixedClassEmitter
{
    /// <summary>What comes between a decoded picture and the network, as training's and evaluation's images were made.</summary>
    private void EmitPictures()
    {
        var rule = spec.PicturesOf(plan);
        if (rule.Channels == 0) return;
        w.Summary("Side in pixels of the images that it was proven on, and that pictures are brought to.");
        w.Line($"public const int Side = {Digits.Of(spec.Size)};").Line();
        w.Line(Pictures.Statistics(rule, "float", "f")).Line();
        foreach (var line in Pictures.Summary(rule, spec.Size, $"[1, {rule.Channels}, {spec.Size}, {spec.Size}]")) w.Line(line);
        w.Line(Named(PreprocessBody).Replace("SHORT", Digits.Of(ShownImage.ShortSide(spec.Size)))).Line();
        Method("Embed", $"The embedding of a picture: {At(plan.Embedding)} values.", "call");
        if (spec.Head > 0) Method("Classify", $"The classes' logits of a picture: {spec.Head} values.", "classify");

        string Named(string body) => body.Replace("PIXELS", rule.Parameter).Replace("BYTES", rule.Bytes)
            .Replace("CHANNELS", Digits.Of(rule.Channels));

        void Method(string name, string summary, string of)
        {
            w.Summary(summary);
            w.Line(
                "/// <inheritdoc cref=\"Preprocess\"/>\n"
                    + Named(MethodBody).Replace("NAME", name).Replace("OF", of)).Line();
        }
    }

    private const string PreprocessBody = """
        public static Tensor Preprocess(ReadOnlySpan<byte> PIXELS, int width, int height)
        {
            if (width < 1 || height < 1 || PIXELS.Length != CHANNELSL * width * height)
                throw new ArgumentException($"{PIXELS.Length} bytes are no picture of {height} x {width} pixels of BYTES", nameof(PIXELS));
            using var grad = no_grad();
            using var scope = NewDisposeScope();
            var planes = tensor(PIXELS.ToArray(), [height, width, CHANNELS]).permute(2, 0, 1).to(ScalarType.Float32);
            var shorter = Math.Min(width, height);
            var square = weights_of(height, shorter).matmul(planes).matmul(weights_of(width, shorter).transpose(0, 1)) / 255;
            return ((square - tensor(Mean, [CHANNELS, 1, 1])) / tensor(Deviation, [CHANNELS, 1, 1])).unsqueeze(0).MoveToOuterDisposeScope();
        }

        /// <summary>[S, length]: the share of each row or column of a picture in each of the image's; in 64 bits, as places need them.</summary>
        private static Tensor weights_of(long length, long shorter)
        {
            using var scope = NewDisposeScope();
            var resized = SHORT * length / shorter;
            var step = (double)length / resized;
            var centres = (arange(Side, dtype: ScalarType.Float64) + (Math.Round((resized - Side) / 2.0) + 0.5)) * step;
            var distances = (arange(length, dtype: ScalarType.Float64) + 0.5 - centres.unsqueeze(1)).abs();
            var weights = (1 - distances / Math.Max(step, 1)).clamp_min(0);
            return (weights / weights.sum(1, keepdim: true)).to(ScalarType.Float32).MoveToOuterDisposeScope();
        }
        """;

    private const string MethodBody = """
        public float[] NAME(ReadOnlySpan<byte> PIXELS, int width, int height)
        {
            if (training) throw new InvalidOperationException("call eval() first: in training BatchNorm takes its statistics from the batch");
            using var grad = no_grad();
            using var scope = NewDisposeScope();
            var weights = parameters().First();
            return OF(Preprocess(PIXELS, width, height).to(weights.dtype, weights.device)).to(ScalarType.Float32).cpu().data<float>().ToArray();
        }
        """;
}
