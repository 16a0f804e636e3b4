using DataSsl.Generator;
using DataSsl.Generator.Emit;
using DataSsl.Runtime.Storage;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>The network for inference as C# that needs nothing but .NET, for images of one size; it reads the class's weights.</summary>
internal sealed class CSharpForm : WinnerForm
{
    public override string Name => "csharp";

    public override double Tolerance => 1e-4;

    public override string FileName(string className) => className + "Pure.cs";

    internal override void Write(WinnerDraft draft) => AtomicFile.WriteText(draft.File(this), SpaceCompiler.EmitPureClass(draft.Plan, Spec(draft)));

    internal override IReadOnlyList<Tensor> Run(WinnerDraft draft, Tensor images)
    {
        var assembly = InMemoryCompiler.Compile("DataSslProof", File.ReadAllText(draft.File(this)), Runner(draft));
        var shapes = Shapes(draft, images.shape[0]).ToArray();
        var results = shapes.Select(shape => new float[shape.Aggregate(1L, (all, side) => all * side)]).ToArray();
        var runner = assembly.GetType($"{draft.Spec.Namespace}.ProofRunner", throwOnError: true)!;
        runner.GetMethod("Run")!.Invoke(null, System.Reflection.BindingFlags.DoNotWrapExceptions, null, [draft.Weights, images.contiguous().data<float>().ToArray(), results], null);
        return [.. results.Zip(shapes, (values, shape) => tensor(values, shape))];
    }

    private static FixedClassSpec Spec(WinnerDraft draft) => draft.Spec with { ClassName = draft.Spec.ClassName + "Pure" };

    /// <summary>Of the maps, then of the embedding.</summary>
    private static IEnumerable<long[]> Shapes(WinnerDraft draft, long images)
    {
        var (plan, spec) = (draft.Plan, draft.Spec);
        for (var i = 1; i < plan.Segments.Count; i++)
        {
            long side = plan.Geometry.SideAt(plan.Geometry.After(i), spec.Size);
            if (plan.Segments[i].Tap.Length > 0) yield return [images, plan.Segments[i].Out.At(spec.Choices), side, side];
        }
        yield return [images, plan.Embedding.At(spec.Choices)];
    }

    /// <summary>Calls the class by arrays: its own methods take spans, which reflection cannot pass.</summary>
    private static string Runner(WinnerDraft draft)
    {
        var maps = draft.Plan.Taps.Count();
        return $$"""
            namespace {{draft.Spec.Namespace}};

            public static class ProofRunner
            {
                public static void Run(string weights, float[] images, float[][] results)
                {
                    using var net = {{Spec(draft).ClassName}}.Load(weights);
                    net.Features(images, {{string.Join(", ", Enumerable.Range(0, maps).Select(i => $"results[{i}]"))}});
                    net.Embed(images, results[{{maps}}]);
                }
            }
            """;
    }
}
