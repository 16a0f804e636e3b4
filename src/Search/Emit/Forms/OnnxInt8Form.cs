using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>
/// The network for inference as an ONNX model that computes in 8 bits where that does little harm: post-training quantisation over the
/// user's images, weights by a scale an output.
/// </summary>
internal sealed class OnnxInt8Form : WinnerForm
{
    /// <summary>The model's metadata that say how it was made.</summary>
    private const string Key = "quantisation";

    public override string Name => "onnx-int8";

    /// <summary>Some fifty layers, each of which rounds by a hundredth of what its values spread, come to less.</summary>
    public override double Tolerance => 0.2;

    public override double LeastAgreement => 0.5;

    internal override bool IsRounded => false;

    public override string FileName(string className) => className + ".int8.onnx";

    internal override void Write(WinnerDraft draft)
    {
        using var scope = NewDisposeScope();
        using var module = draft.Load(draft.Inference, draft.Weights);
        var state = module.state_dict();
        // Other images may lose a little more than those that the choice was made by.
        var choice = new Int8Calibration(draft, state, 0.75 * Tolerance).Run();
        var remark = FormattableString.Invariant($"ranges by {Word(choice.Rule)} over {draft.Calibration!.shape[0]} images")
            + (choice.InFloats.Count == 0 ? "" : $"; in 32 bits: {string.Join(", ", choice.InFloats)}");
        var told = draft with { Metadata = new Dictionary<string, string>(draft.Metadata) { [Key] = remark } };
        OnnxForm.Write(told, state, draft.File(this), new(Bits: choice.Bits));
    }

    internal override FormOutputs Run(WinnerDraft draft, Tensor images)
    {
        using var model = new OnnxModel(draft.File(this), get_num_threads());
        return new(OnnxForm.Ordered(draft, model.Run(images)), Remark: model.Metadata[Key]);
    }

    private static string Word(RangeRule rule) => rule switch
    {
        RangeRule.MinMax => "minimum and maximum",
        RangeRule.Percentile => "percentile",
        _ => "least squared error",
    };
}
