using DataSsl.Search.Networks;
using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>In 8 bits as an ONNX model.</summary>
internal sealed class OnnxInt8Form : Int8Form
{
    public override string Name => "onnx-int8";

    public override string FileName(string className) => className + ".int8.onnx";

    internal override FormOutputs Run(WinnerDraft draft, Tensor images)
    {
        using var model = new OnnxModel(draft.File(this), get_num_threads());
        return new(OnnxForm.Ordered(draft, model.Run(images)), Remark: model.Metadata[FixedNetwork.QuantisationKey]);
    }

    private protected override void Write(
        WinnerDraft draft, IReadOnlyDictionary<string, Tensor> state, Int8Calibration.Choice choice) =>
        OnnxForm.Write(draft, state, draft.File(this), new(Bits: choice.Bits));
}
