using DataSsl.Generator;
using DataSsl.Generator.Emit;
using DataSsl.Runtime.Storage;
using DataSsl.Search.Networks;
using DataSsl.SearchSpaces;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Forms;

/// <summary>
/// In 8 bits as C# that needs nothing but .NET and multiplies bytes, with weights of its own. In 32 bits stay here besides the first
/// layer, a head, sums, and what lies between layers that do not all multiply bytes.
/// </summary>
internal sealed class CSharpInt8Form : Int8Form
{
    public override string Name => "csharp-int8";

    public override string FileName(string className) => className + "Int8.cs";

    public override string? WeightsName(string className) => className + "Int8.safetensors";

    internal override FormOutputs Run(WinnerDraft draft, Tensor images)
    {
        var weights = draft.WeightsFile(this)!;
        using var network = new PureNetwork(File.ReadAllText(draft.File(this)), draft.Plan, Spec(draft, []), weights);
        return new(
            CSharpForm.Outputs(draft, network, images), draft.OfPictures(network.Instance),
            SafeTensors.ReadMetadata(weights)[FixedNetwork.QuantisationKey])
        {
            // Pictures of another kind than the user's images need not fit the ranges, which are of these.
            ExpectedOfPictures = draft.Shown is { } shown ? CSharpForm.Outputs(draft, network, shown) : null,
        };
    }

    private protected override void Write(
        WinnerDraft draft, IReadOnlyDictionary<string, Tensor> state, Int8Calibration.Choice choice)
    {
        var bytes = ByteState.Of(
            draft.Plan, draft.Spec.Choices, state, layer => choice.Inputs.TryGetValue(layer, out var range) ? range : null);
        AtomicFile.WriteText(draft.File(this), SpaceCompiler.EmitPureClass(draft.Plan, Spec(draft, bytes.Layers)));
        SafeTensors.Write(draft.WeightsFile(this)!, HalfPrecision.Of(bytes.Entries), draft.Metadata);
    }

    private static FixedClassSpec Spec(WinnerDraft draft, IEnumerable<string> layers) =>
        draft.Spec with { ClassName = draft.Spec.ClassName + "Int8", Bytes = layers.ToEquatableArray() };
}
