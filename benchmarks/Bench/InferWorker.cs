using System.Globalization;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Networks;
using static TorchSharp.torch;

namespace DataSsl.Bench;

/// <summary>
/// Our side of the inference benchmark: one process that runs an emitted class when asked, like its peers. A line is a batch size, the work
/// one forward pass to the embedding.
/// </summary>
internal static class InferWorker
{
    /// <summary>How long a turn's passes follow each other; the peers do the same.</summary>
    private const double SteadySeconds = 0.1;

    public const string Class = "class", Folded = "folded", FoldedBf16 = "foldedBf16", CSharp = "csharp", OnnxRuntime = "onnxRuntime";

    public const string CSharpInt8 = "csharpInt8", OnnxRuntimeInt8 = "onnxRuntimeInt8";

    public static int Run(Architecture architecture, string form, int size, int threads)
    {
        if (form is CSharp or CSharpInt8) return RunPure(architecture, size, threads, form == CSharpInt8);
        if (form is OnnxRuntime or OnnxRuntimeInt8) return RunOnnx(architecture, size, threads, form == OnnxRuntimeInt8);
        set_num_threads(threads);
        var type = form == FoldedBf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        using var grad = no_grad();
        using var network = FixedNetwork.Untrained(architecture, size, folded: form != Class, type);
        var images = new Dictionary<int, Tensor>();
        return WorkLoop.Run(line =>
        {
            var batch = Batch(line);
            if (!images.TryGetValue(batch, out var x))
                images.Add(batch, x = randn([batch, architecture.Space.InputChannels, size, size]).to(type));
            return () => network.call(x).Dispose();
        }, SteadySeconds);
    }

    private static int RunPure(Architecture architecture, int size, int threads, bool inBytes)
    {
        using var network = FixedNetwork.UntrainedPure(architecture, size, threads, inBytes);
        var arrays = new Dictionary<int, (float[] Images, float[] Embeddings)>();
        return WorkLoop.Run(line =>
        {
            var batch = Batch(line);
            if (!arrays.TryGetValue(batch, out var x))
                arrays.Add(batch, x = (Noise(architecture, batch, size), new float[batch * architecture.EmbeddingChannels]));
            return () => network.Embed(x.Images, x.Embeddings);
        }, SteadySeconds);
    }

    /// <summary>ONNX Runtime as its best user runs it: all of its graph's optimisations, inputs and outputs bound once.</summary>
    private static int RunOnnx(Architecture architecture, int size, int threads, bool inBytes)
    {
        using var model = FixedNetwork.UntrainedOnnx(architecture, size, threads, inBytes);
        var passes = new Dictionary<int, Action>();
        return WorkLoop.Run(line =>
        {
            var batch = Batch(line);
            if (!passes.TryGetValue(batch, out var pass))
                passes.Add(
                    batch,
                    pass = model.Bind(
                        Noise(architecture, batch, size), [batch, architecture.Space.InputChannels, size, size],
                        new float[batch * architecture.EmbeddingChannels]));
            return pass;
        }, SteadySeconds);
    }

    private static float[] Noise(Architecture architecture, int batch, int size)
    {
        var random = new Random(1);
        return Array.ConvertAll(new float[batch * architecture.Space.InputChannels * size * size], _ => 2 * random.NextSingle() - 1);
    }

    private static int Batch(string line) => int.Parse(line, CultureInfo.InvariantCulture);
}
