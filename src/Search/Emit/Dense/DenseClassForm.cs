using DataSsl.Generator;
using DataSsl.Runtime.Storage;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Dense;

/// <summary>The class over the TorchSharp API, its backbone's class beside it.</summary>
internal sealed class DenseClassForm : DenseForm
{
    public override string Name => "class";

    public override string Ending => ".cs";

    internal override void Write(DenseDraft draft, IReadOnlyDictionary<string, Tensor> state)
    {
        var spec = draft.Spec;
        AtomicFile.WriteText(draft.File(this), spec.Head.Source(spec));
        AtomicFile.WriteText(draft.Backbone, SpaceCompiler.EmitFixedClass(spec.Plan, spec.Network));
        AtomicFile.WriteText(draft.Reader, SpaceCompiler.EmitWeightsReader(spec.Network.Namespace));
    }

    internal override DenseOutput Run(DenseDraft draft, Tensor images, IReadOnlyList<(int Height, int Width)> sizes)
    {
        OneDnnCaches.Mend();
        var (name, detects) = (draft.Spec.ClassName, draft.Spec.Head is DetectorSpec);
        var calls = draft.Compiled(
            $$"""
                public static TorchSharp.torch.nn.Module Load(string weights)
                {
                    var network = new {{name}}().load_safetensors(weights);
                    network.eval();
                    return network;
                }
                {{(detects ? $$"""
                public static float[][] Run(
                    TorchSharp.torch.nn.Module network, TorchSharp.torch.Tensor images, (int Height, int Width)[] sizes) =>
                    [.. (({{name}})network).Detect(images, sizes).Select(found => found.SelectMany({{DenseDraft.Flat}}).ToArray())];
            """ : $$"""
                public static (TorchSharp.torch.Tensor, TorchSharp.torch.Tensor) Run(
                    TorchSharp.torch.nn.Module network, TorchSharp.torch.Tensor images) =>
                    ((({{name}})network).call(images), (({{name}})network).Segment(images));
            """)}}
            """, draft.File(this), draft.Backbone, draft.Reader);
        using var module = DenseDraft.Method<Func<string, nn.Module>>(calls, "Load")(draft.Weights);
        if (detects)
            return DenseDraft.Found(
                DenseDraft.Method<Func<nn.Module, Tensor, (int, int)[], float[][]>>(calls, "Run")(module, images, [.. sizes]));
        var (logits, labels) = DenseDraft.Method<Func<nn.Module, Tensor, (Tensor, Tensor)>>(calls, "Run")(module, images);
        return new Pixels(logits, labels);
    }
}
