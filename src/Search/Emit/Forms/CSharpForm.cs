using DataSsl.Generator;
using DataSsl.Generator.Emit;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Networks;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>The network for inference as C# that needs nothing but .NET, for images of one size; it reads the class's weights.</summary>
internal sealed class CSharpForm : WinnerForm
{
    public override string Name => "csharp";

    public override double Tolerance => 1e-4;

    /// <summary>What its file is called after the class's name.</summary>
    public const string Ending = "Pure.cs";

    public override string FileName(string className) => className + Ending;

    internal override void Write(WinnerDraft draft) =>
        AtomicFile.WriteText(draft.File(this), SpaceCompiler.EmitPureClass(draft.Plan, Spec(draft)));

    internal override FormOutputs Run(WinnerDraft draft, Tensor images)
    {
        using var network = new PureNetwork(File.ReadAllText(draft.File(this)), draft.Plan, Spec(draft), draft.Weights);
        return new(Outputs(draft, network, images), draft.OfPictures(network.Instance));
    }

    /// <summary>What a pure class gives for images: as <see cref="FormOutputs.OfImages"/>.</summary>
    public static IReadOnlyList<Tensor> Outputs(WinnerDraft draft, PureNetwork network, Tensor images)
    {
        var values = images.contiguous().data<float>().ToArray();
        var (maps, embedding) = (Maps(draft, images.shape[0]).Select(Output.Of).ToArray(),
            Output.Of([images.shape[0], draft.Plan.Embedding.At(draft.Spec.Choices)]));
        var logits = Output.Of([images.shape[0], draft.Spec.Head]);
        network.Features(values, [.. maps.Select(m => m.Values)]);
        if (draft.Spec.Head > 0) network.Classify(values, logits.Values);
        network.Embed(values, embedding.Values);
        Output[] outputs = [.. maps, .. draft.Spec.Head > 0 ? new[] { logits } : [], embedding];
        return [.. outputs.Select(output => tensor(output.Values, output.Shape))];
    }

    private static FixedClassSpec Spec(WinnerDraft draft) => draft.Spec with { ClassName = draft.Spec.ClassName + "Pure" };

    private static IEnumerable<long[]> Maps(WinnerDraft draft, long images)
    {
        var (plan, spec) = (draft.Plan, draft.Spec);
        for (var i = 1; i < plan.Segments.Count; i++)
        {
            long side = plan.Geometry.SideAt(plan.Geometry.After(i), spec.Size);
            if (plan.Segments[i].Tap.Length > 0) yield return [images, plan.Segments[i].Out.At(spec.Choices), side, side];
        }
    }

    private sealed record Output(long[] Shape, float[] Values)
    {
        public static Output Of(long[] shape) => new(shape, new float[shape.Aggregate(1L, (all, side) => all * side)]);
    }
}
