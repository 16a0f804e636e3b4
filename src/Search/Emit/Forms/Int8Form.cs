using DataSsl.Search.Networks;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>
/// The network for inference in 8 bits where that does little harm: post-training quantisation over the user's images, weights by a scale
/// an output. What is computed so, and in which ranges, is found out once for all forms of a draft.
/// </summary>
internal abstract class Int8Form : WinnerForm
{
    public sealed override double Tolerance => Int8Calibration.Tolerance;

    public sealed override double LeastAgreement => Int8Calibration.LeastAgreement;

    internal sealed override bool IsRounded => false;

    internal sealed override void Write(WinnerDraft draft)
    {
        using var scope = NewDisposeScope();
        using var module = draft.Load(draft.Inference, draft.Weights);
        var state = module.state_dict();
        var choice = draft.InEightBits(state);
        var metadata = new Dictionary<string, string>(draft.Metadata) { [FixedNetwork.QuantisationKey] = choice.Remark };
        Write(draft with { Metadata = metadata }, state, choice);
    }

    /// <summary>Writes the form's files.</summary>
    /// <param name="draft">Whose metadata say how it computes.</param>
    /// <param name="state">Of the class for inference.</param>
    /// <param name="choice">What of it is in 8 bits.</param>
    private protected abstract void Write(WinnerDraft draft, IReadOnlyDictionary<string, Tensor> state, Int8Calibration.Choice choice);
}
