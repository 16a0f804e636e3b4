using DataSsl.Generator;
using DataSsl.Generator.Emit;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Networks;
using DataSsl.SearchSpaces;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>
/// The network for inference as C# that needs nothing but .NET and multiplies bytes, with weights of its own. The layers and ranges are
/// those of <see cref="OnnxInt8Form"/>, but for what stays in 32 bits here besides: the first layer, depthwise convolutions, a head, and
/// what lies between layers.
/// </summary>
internal sealed class CSharpInt8Form : WinnerForm
{
    public override string Name => "csharp-int8";

    public override double Tolerance => Int8Calibration.Tolerance;

    public override double LeastAgreement => Int8Calibration.LeastAgreement;

    internal override bool IsRounded => false;

    internal override bool HasRanges => true;

    public override string FileName(string className) => className + "Int8.cs";

    public override string? WeightsName(string className) => className + "Int8.safetensors";

    internal override void Write(WinnerDraft draft)
    {
        using var scope = NewDisposeScope();
        using var module = draft.Load(draft.Inference, draft.Weights);
        var state = module.state_dict();
        var choice = draft.InEightBits(state);
        var bytes = ByteState.Of(
            draft.Plan, draft.Spec.Choices, state, layer => choice.Inputs.TryGetValue(layer, out var range) ? range : null);
        AtomicFile.WriteText(draft.File(this), SpaceCompiler.EmitPureClass(draft.Plan, Spec(draft, bytes.Layers)));
        var metadata = new Dictionary<string, string>(draft.Metadata) { [FixedNetwork.QuantisationKey] = choice.Remark };
        SafeTensors.Write(draft.WeightsFile(this)!, HalfPrecision.Of(bytes.Entries), metadata);
    }

    internal override FormOutputs Run(WinnerDraft draft, Tensor images)
    {
        var weights = draft.WeightsFile(this)!;
        return CSharpForm.Run(draft, this, Spec(draft, []), weights, images) with
        {
            Remark = SafeTensors.ReadMetadata(weights)[FixedNetwork.QuantisationKey],
        };
    }

    private static FixedClassSpec Spec(WinnerDraft draft, IEnumerable<string> layers) =>
        draft.Spec with { ClassName = draft.Spec.ClassName + "Int8", Bytes = layers.ToEquatableArray() };
}
