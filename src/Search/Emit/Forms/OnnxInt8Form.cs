using DataSsl.Search.Networks;
using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>
/// The network for inference as an ONNX model that computes in 8 bits where that does little harm: post-training quantisation over the
/// user's images, weights by a scale an output.
/// </summary>
internal sealed class OnnxInt8Form : WinnerForm
{
    public override string Name => "onnx-int8";

    public override double Tolerance => Int8Calibration.Tolerance;

    public override double LeastAgreement => Int8Calibration.LeastAgreement;

    internal override bool IsRounded => false;

    public override string FileName(string className) => className + ".int8.onnx";

    internal override void Write(WinnerDraft draft)
    {
        using var scope = NewDisposeScope();
        using var module = draft.Load(draft.Inference, draft.Weights);
        var state = module.state_dict();
        var choice = draft.InEightBits(state);
        var metadata = new Dictionary<string, string>(draft.Metadata) { [FixedNetwork.QuantisationKey] = choice.Remark };
        OnnxForm.Write(draft with { Metadata = metadata }, state, draft.File(this), new(Bits: choice.Bits));
    }

    internal override FormOutputs Run(WinnerDraft draft, Tensor images)
    {
        using var model = new OnnxModel(draft.File(this), get_num_threads());
        return new(OnnxForm.Ordered(draft, model.Run(images)), Remark: model.Metadata[FixedNetwork.QuantisationKey]);
    }
}
