namespace DataSsl.Generator.Emit.Pure;

internal sealed partial class PureClassEmitter
{
    private const string CenterCropKernel = "CenterCrop";

    /// <summary>What stands on a network has a rule of its own for pictures.</summary>
    private bool TakesPictures => head is null && spec.PicturesOf(plan).Channels > 0;

    private void EmitPictures()
    {
        var rule = spec.PicturesOf(plan);
        w.Line(Pictures.Statistics(rule, "double")).Line();
        foreach (var line in Pictures.Summary(rule, spec.Size, $"[{rule.Channels}, {spec.Size}, {spec.Size}]")) w.Line(line);
        w.Line("/// <param name=\"image\">Where it goes.</param>");
        w.Line($"public static void Preprocess(ReadOnlySpan<byte> {rule.Parameter}, int width, int height, Span<float> image) =>");
        w.Line($"    {CenterCropKernel}.Write({rule.Parameter}, width, height, Side, Mean, Deviation, image);").Line();
        Method("Embed", "Width", "The embedding of a picture.");
        if (spec.Head > 0) Method("Classify", "Classes", "The classes' logits of a picture.");

        void Method(string name, string length, string summary)
        {
            w.Summary(summary);
            w.Line("/// <inheritdoc cref=\"Preprocess\"/>");
            w.Block($"public float[] {name}(ReadOnlySpan<byte> {rule.Parameter}, int width, int height)", () =>
            {
                w.Line($"var (image, values) = (new float[ImageLength], new float[{length}]);");
                w.Line($"Preprocess({rule.Parameter}, width, height, image);");
                w.Line($"{name}(image, values);");
                w.Line("return values;");
            });
            w.Line();
        }
    }
}
