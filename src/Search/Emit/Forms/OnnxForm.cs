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

    internal override void Write(WinnerDraft draft)
    {
        using var scope = NewDisposeScope();
        using var module = draft.Load(draft.Inference, draft.Weights);
        var plan = draft.Inference.Folded ? Folding.Fold(draft.Plan) : draft.Plan;
        OnnxNetwork.Write(draft.File(this), plan, draft.Inference, module.state_dict(), draft.Metadata, new(Half: half));
    }

    internal override IReadOnlyList<Tensor> Run(WinnerDraft draft, Tensor images)
    {
        using var model = new OnnxModel(draft.File(this), get_num_threads());
        var outputs = model.Run(images);
        return
        [
            .. draft.Plan.Taps.Select(tap => outputs[tap.Tap]),.. draft.Spec.Head > 0 ? new[] { outputs[OnnxNetwork.Logits] } : [],
            outputs[OnnxNetwork.Embedding],
        ];
    }
}
