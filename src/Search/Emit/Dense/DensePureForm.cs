using DataSsl.Generator;
using DataSsl.Runtime.Storage;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Dense;

/// <summary>The class that needs nothing but .NET: one file, its kernels within.</summary>
internal sealed class DensePureForm : DenseForm
{
    public override string Name => "csharp";

    public override string Ending => "Pure.cs";

    internal override void Write(DenseDraft draft, IReadOnlyDictionary<string, Tensor> state)
    {
        // Two classes of one name in a namespace would be one too many.
        var network = draft.Spec.Network;
        var inner = draft.Spec with { Network = network with { ClassName = network.ClassName + "Pure" } };
        var (source, kernels) = inner.Pure
            ?? throw new InvalidOperationException($"{inner.Head.GetType().Name} has no class without dependencies");
        AtomicFile.WriteText(
            draft.File(this), SpaceCompiler.EmitPureClass(inner.Plan, inner.Network, new(inner.PureName, source, kernels)));
    }

    internal override DenseOutput Run(DenseDraft draft, Tensor images, IReadOnlyList<(int Height, int Width)> sizes)
    {
        var (name, detects) = (draft.Spec.PureName, draft.Spec.Head is DetectorSpec);
        var calls = draft.Compiled(
            $$"""
                public static IDisposable Load(string weights) => {{name}}.Load(weights);
                {{(detects ? $$"""
                public static float[] Run(IDisposable network, float[] image, int height, int width) =>
                    (({{name}})network).Detect(image, height, width).SelectMany({{DenseDraft.Flat}}).ToArray();
            """ : $$"""
                public static void Run(IDisposable network, float[] image, float[] logits, int[] labels)
                {
                    (({{name}})network).Logits(image, logits);
                    (({{name}})network).Segment(image, labels);
                }
            """)}}
            """, draft.File(this));
        using var network = DenseDraft.Method<Func<string, IDisposable>>(calls, "Load")(draft.Weights);
        if (detects)
        {
            var run = DenseDraft.Method<Func<IDisposable, float[], int, int, float[]>>(calls, "Run");
            return DenseDraft.Found(sizes.Select((size, i) => run(network, Image(i), size.Height, size.Width)));
        }
        var segment = DenseDraft.Method<Action<IDisposable, float[], float[], int[]>>(calls, "Run");
        var (count, classes, side) = (sizes.Count, draft.Spec.Head.Classes.Count, draft.Spec.Network.Size);
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
}
