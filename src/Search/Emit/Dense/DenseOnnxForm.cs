using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Dense;

/// <summary>The ONNX model: standard operators alone.</summary>
internal sealed class DenseOnnxForm : DenseForm
{
    public override string Name => "onnx";

    public override string Ending => ".onnx";

    internal override void Write(DenseDraft draft, IReadOnlyDictionary<string, Tensor> state) =>
        DenseOnnx.Write(draft.File(this), draft.Spec, state, draft.Metadata);

    internal override DenseOutput Run(DenseDraft draft, Tensor images, IReadOnlyList<(int Height, int Width)> sizes)
    {
        using var model = new OnnxModel(draft.File(this), get_num_threads());
        if (draft.Spec.Head is FcnSpec)
        {
            var outputs = model.Run(images);
            return new Pixels(outputs[DenseOnnx.Logits], outputs[DenseOnnx.Labels]);
        }
        var all = new List<IReadOnlyList<FoundBox>>();
        for (var i = 0; i < sizes.Count; i++)
        {
            using var scope = NewDisposeScope();
            var outputs = model.Run(
                images.narrow(0, i, 1), wanted: null, tensor([(float)sizes[i].Height, (float)sizes[i].Width]));
            all.Add(FoundBox.Of(outputs[DenseOnnx.Boxes], outputs[DenseOnnx.Scores], outputs[DenseOnnx.Labels]));
        }
        return new Objects(all);
    }
}
