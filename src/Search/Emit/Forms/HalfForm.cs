using DataSsl.Runtime.Storage;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>The weights in half the space; every class loads them.</summary>
internal sealed class HalfForm : WinnerForm
{
    public override string Name => "half";

    public override double Tolerance => 1e-2;

    internal override bool IsRounded => false;

    public override string FileName(string className) => className + ".half.safetensors";

    internal override void Write(WinnerDraft draft)
    {
        using var scope = NewDisposeScope();
        using var module = draft.Load(draft.Spec, draft.Weights);
        SafeTensors.Write(
            draft.File(this), HalfPrecision.Of(module.state_dict().Select(entry => (entry.Key, entry.Value))), draft.Metadata);
    }

    internal override FormOutputs Run(WinnerDraft draft, Tensor images)
    {
        using var module = draft.Load(draft.Spec, draft.File(this), images.dtype);
        return new(draft.Run(module, images));
    }
}
