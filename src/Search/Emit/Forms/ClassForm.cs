using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>The class that trains and infers, which is the slice to the bit. Its weights are there before any form is written.</summary>
internal sealed class ClassForm : WinnerForm
{
    public override string Name => "class";

    public override double Tolerance => 0;

    internal override bool IsRounded => false;

    public override string FileName(string className) => className + ".cs";

    internal override void Write(WinnerDraft draft) => draft.WriteSource(this, draft.Spec);

    internal override FormOutputs Run(WinnerDraft draft, Tensor images)
    {
        using var module = draft.Load(draft.Spec, draft.Weights, images.dtype);
        return new(draft.Run(module, images), draft.OfPictures(module));
    }
}
