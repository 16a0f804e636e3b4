using DataSsl.Generator.Plan;
using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>The network for inference as an ONNX model, weights inside.</summary>
internal sealed class OnnxForm(bool half) : WinnerForm
{
    public override string Name => half ? "onnx-half" : "onnx";

    public override double Tolerance => half ? 1e-2 : 1e-4;

    internal override bool IsRounded => !half;

    public override string FileName(string className) => className + (half ? ".half.onnx" : ".onnx");

    internal override void Write(WinnerDraft draft) => Write(draft, draft.File(this), new(Half: half));

    internal override FormOutputs Run(WinnerDraft draft, Tensor images)
    {
        using var model = new OnnxModel(draft.File(this), get_num_threads());
        return new(Ordered(draft, model.Run(images)));
    }

    /// <summary>Writes a draft's network for inference as a model.</summary>
    public static void Write(WinnerDraft draft, string path, OnnxOptions options)
    {
        using var scope = NewDisposeScope();
        using var module = draft.Load(draft.Inference, draft.Weights);
        Write(draft, module.state_dict(), path, options);
    }

    /// <summary>The same of a network that is loaded.</summary>
    /// <param name="state">Of the draft's class for inference.</param>
    public static void Write(WinnerDraft draft, IReadOnlyDictionary<string, Tensor> state, string path, OnnxOptions options)
    {
        var plan = draft.Inference.Folded ? Folding.Fold(draft.Plan) : draft.Plan;
        OnnxNetwork.Write(path, plan, draft.Inference, state, draft.Metadata, options);
    }

    /// <summary>A model's outputs in the order of a proof.</summary>
    public static IReadOnlyList<Tensor> Ordered(WinnerDraft draft, IReadOnlyDictionary<string, Tensor> outputs) =>
    [
        .. draft.Plan.Taps.Select(tap => outputs[tap.Tap]), .. draft.Spec.Head > 0 ? new[] { outputs[OnnxNetwork.Logits] } : [],
        outputs[OnnxNetwork.Embedding],
    ];
}
