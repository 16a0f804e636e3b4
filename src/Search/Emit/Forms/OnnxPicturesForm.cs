using DataSsl.Generator.Plan;
using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>The ONNX model that takes pictures: bytes of any size, resized, cut and normalised inside.</summary>
internal sealed class OnnxPicturesForm : WinnerForm
{
    public override string Name => "onnx-uint8";

    public override double Tolerance => 1e-4;

    public override bool TakesPictures => true;

    internal override bool Applies(WinnerDraft draft) => draft.PictureChannels > 0;

    public override string FileName(string className) => className + ".uint8.onnx";

    internal override void Write(WinnerDraft draft) => OnnxForm.Write(draft, draft.File(this), new(Pictures: true));

    /// <summary>Each picture by itself, as their sides differ; <paramref name="images"/> are those that they should become.</summary>
    internal override FormOutputs Run(WinnerDraft draft, Tensor images)
    {
        using var model = new OnnxModel(draft.File(this), get_num_threads());
        using var scope = NewDisposeScope();
        var outputs = draft.Pictures.Select(picture => OnnxForm.Ordered(draft, model.Run(picture))).ToArray();
        return new([.. Enumerable.Range(0, outputs[0].Count).Select(i => cat([.. outputs.Select(o => o[i])]).MoveToOuterDisposeScope())]);
    }
}
