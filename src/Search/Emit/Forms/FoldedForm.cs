using DataSsl.Generator.Plan;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>
/// The class for inference, BatchNorm folded into its convolutions as it loads the same weights: one file of weights, one checksum, and
/// nothing to fall apart.
/// </summary>
internal sealed class FoldedForm : WinnerForm
{
    /// <summary>What its file's name has behind the class's.</summary>
    public const string Ending = "Folded.cs";

    public override string Name => "folded";

    public override double Tolerance => 1e-5;

    public override string FileName(string className) => className + Ending;

    internal override bool Applies(WinnerDraft draft) => Folding.Applies(draft.Plan);

    internal override void Write(WinnerDraft draft) => draft.WriteSource(this, draft.Inference);

    internal override FormOutputs Run(WinnerDraft draft, Tensor images)
    {
        using var module = draft.Load(draft.Inference, draft.Weights, images.dtype);
        return new(draft.Run(module, images), draft.OfPictures(module));
    }
}
