using System.Reflection;
using DataSsl.Generator;
using DataSsl.Generator.Emit;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Networks;
using DataSsl.Search.Onnx;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Dense;

/// <summary>A detector or segmenter that is not proven yet, in a folder of its own: its files, and what they give.</summary>
/// <param name="Metadata">What the weights and the ONNX model say of their origin.</param>
internal sealed record DenseDraft(DenseSpec Spec, string Folder, IReadOnlyDictionary<string, string> Metadata)
{
    private const string Calls = "DenseCalls";

    /// <summary>The weights of every form.</summary>
    public string Weights => Path.Combine(Folder, Spec.ClassName + ".safetensors");

    /// <summary>The backbone's class.</summary>
    public string Backbone => Path.Combine(Folder, Spec.Network.ClassName + ".cs");

    /// <summary>The reader of weights that classes of the namespace share.</summary>
    public string Reader => Path.Combine(Folder, SpaceCompiler.WeightsReaderFile(Spec.Network.Namespace));

    public string File(DenseForm form) => Path.Combine(Folder, Spec.ClassName + form.Ending);

    /// <summary>Writes a form's files.</summary>
    public void Write(DenseForm form, IReadOnlyDictionary<string, Tensor> state)
    {
        if (form == DenseForm.Onnx) DenseOnnx.Write(File(form), Spec, state, Metadata);
        else if (form == DenseForm.CSharp) AtomicFile.WriteText(File(form), PureSource);
        else
        {
            AtomicFile.WriteText(File(form), ClassSource);
            AtomicFile.WriteText(Backbone, SpaceCompiler.EmitFixedClass(Spec.Plan, Spec.Network));
            AtomicFile.WriteText(Reader, SpaceCompiler.EmitWeightsReader(Spec.Network.Namespace));
        }
    }

    /// <summary>What a written form gives for images [N, 3, S, S], of which each holds one of a size.</summary>
    /// <exception cref="InvalidDataException">It cannot be read back.</exception>
    public DenseOutput Run(DenseForm form, Tensor images, IReadOnlyList<(int Height, int Width)> sizes) =>
        form == DenseForm.Class ? RunClass(images, sizes)
        : form == DenseForm.Onnx ? RunOnnx(images, sizes)
        : RunPure(images, sizes);

    private string ClassSource => Spec.Head is FcosSpec fcos
        ? DetectorClass.Source(Spec, fcos)
        : SegmenterClass.Source(Spec, (FcnSpec)Spec.Head);

    private string PureSource
    {
        get
        {
            // Two classes of one name in a namespace would be one too many.
            var inner = Spec with { Network = Spec.Network with { ClassName = Spec.Network.ClassName + "Pure" } };
            var (source, kernels) = inner.Head is FcosSpec fcos
                ? (DetectorPureClass.Source(inner, fcos), DetectorPureClass.Kernels)
                : (SegmenterPureClass.Source(inner, (FcnSpec)inner.Head), SegmenterPureClass.Kernels);
            return SpaceCompiler.EmitPureClass(inner.Plan, inner.Network, new(inner.PureName, source, kernels));
        }
    }

    private DenseOutput RunClass(Tensor images, IReadOnlyList<(int Height, int Width)> sizes)
    {
        OneDnnCaches.Mend();
        var calls = Compiled($$"""
            using System.Linq;
            using static TorchSharp.torch;
            namespace {{Spec.Network.Namespace}};
            public static class {{Calls}}
            {
                public static nn.Module Load(string weights)
                {
                    var network = new {{Spec.ClassName}}().load_safetensors(weights);
                    network.eval();
                    return network;
                }
                {{(Spec.Head is FcosSpec ? $$"""
                public static float[][] Run(nn.Module network, Tensor images, (int Height, int Width)[] sizes) =>
                    [.. (({{Spec.ClassName}})network).Detect(images, sizes).Select(found => found.SelectMany({{Flat}}).ToArray())];
            """ : $$"""
                public static (Tensor, Tensor) Run(nn.Module network, Tensor images, (int Height, int Width)[] sizes) =>
                    ((({{Spec.ClassName}})network).call(images), (({{Spec.ClassName}})network).Segment(images));
            """)}}
            }
            """, System.IO.File.ReadAllText(File(DenseForm.Class)), System.IO.File.ReadAllText(Backbone),
            System.IO.File.ReadAllText(Reader));
        using var module = Method<Func<string, nn.Module>>(calls, "Load")(Weights);
        if (Spec.Head is FcosSpec)
            return Of(Method<Func<nn.Module, Tensor, (int, int)[], float[][]>>(calls, "Run")(module, images, [.. sizes]));
        var (logits, labels) = Method<Func<nn.Module, Tensor, (int, int)[], (Tensor, Tensor)>>(calls, "Run")(module, images, [.. sizes]);
        return new Pixels(logits, labels);
    }

    private DenseOutput RunOnnx(Tensor images, IReadOnlyList<(int Height, int Width)> sizes)
    {
        using var model = new OnnxModel(File(DenseForm.Onnx), get_num_threads());
        if (Spec.Head is FcnSpec)
        {
            var outputs = model.Run(images);
            return new Pixels(outputs[DenseOnnx.Logits], outputs[DenseOnnx.Labels]);
        }
        var all = new List<IReadOnlyList<FoundBox>>();
        for (var i = 0; i < sizes.Count; i++)
        {
            using var scope = NewDisposeScope();
            var outputs = model.Run(
                images.narrow(0, i, 1), wanted: null, tensor([(float)sizes[i].Height, (float)sizes[i].Width]));
            all.Add(FoundBox.Of(outputs[DenseOnnx.Boxes], outputs[DenseOnnx.Scores], outputs[DenseOnnx.Labels]));
        }
        return new Objects(all);
    }

    private DenseOutput RunPure(Tensor images, IReadOnlyList<(int Height, int Width)> sizes)
    {
        var detects = Spec.Head is FcosSpec;
        var calls = Compiled($$"""
            using System;
            using System.Linq;
            namespace {{Spec.Network.Namespace}};
            public static class {{Calls}}
            {
                public static IDisposable Load(string weights) => {{Spec.PureName}}.Load(weights);
                {{(detects ? $$"""
                public static float[] Run(IDisposable network, float[] image, int height, int width) =>
                    (({{Spec.PureName}})network).Detect(image, height, width).SelectMany({{Flat}}).ToArray();
            """ : $$"""
                public static void Run(IDisposable network, float[] image, float[] logits, int[] labels)
                {
                    (({{Spec.PureName}})network).Logits(image, logits);
                    (({{Spec.PureName}})network).Segment(image, labels);
                }
            """)}}
            }
            """, System.IO.File.ReadAllText(File(DenseForm.CSharp)));
        using var network = Method<Func<string, IDisposable>>(calls, "Load")(Weights);
        var side = Spec.Network.Size;
        if (detects)
        {
            var run = Method<Func<IDisposable, float[], int, int, float[]>>(calls, "Run");
            return Of([.. sizes.Select((size, i) => run(network, Image(i), size.Height, size.Width))]);
        }
        var segment = Method<Action<IDisposable, float[], float[], int[]>>(calls, "Run");
        var (count, classes) = (sizes.Count, Spec.Head.Classes.Count);
        var (all, labels) = (zeros(count, classes, side, side), zeros([count, side, side], ScalarType.Int64));
        for (var i = 0; i < count; i++)
        {
            using var scope = NewDisposeScope();
            var (logits, classOf) = (new float[classes * side * side], new int[side * side]);
            segment(network, Image(i), logits, classOf);
            all[i].copy_(tensor(logits, [classes, side, side]));
            labels[i].copy_(tensor(classOf, [side, side]));
        }
        return new Pixels(all, labels);

        float[] Image(int i) => images[i].contiguous().data<float>().ToArray();
    }

    /// <summary>A detection of any class as numbers.</summary>
    private const string Flat = "d => new float[] { d.Left, d.Top, d.Right, d.Bottom, d.Score, d.Label }";

    private static Objects Of(float[][] images) => new(
        [
            .. images.Select(image => image.Chunk(6).Select(d => new FoundBox((d[0], d[1], d[2], d[3]), d[4], (int)d[5])).ToList()),
        ]);

    private Type Compiled(params string[] sources) =>
        InMemoryCompiler.Compile("DataSslDenseProof", sources).GetType($"{Spec.Network.Namespace}.{Calls}", throwOnError: true)!;

    private static T Method<T>(Type calls, string name) where T : Delegate =>
        calls.GetMethod(name, BindingFlags.Public | BindingFlags.Static)!.CreateDelegate<T>();
}
