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

    internal override bool Applies(NetworkPlan plan) => Folding.Applies(plan);

    internal override void Write(WinnerDraft draft) => draft.WriteSource(this, draft.Inference);

    internal override IReadOnlyList<Tensor> Run(WinnerDraft draft, Tensor images) => draft.Run(draft.Inference, draft.Weights, images);

    internal override IReadOnlyList<Tensor> RunPictures(WinnerDraft draft)
    {
        using var module = draft.Load(draft.Inference, draft.Weights);
        return draft.OfPictures(module);
    }
}
