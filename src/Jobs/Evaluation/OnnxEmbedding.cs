using DataSsl.Search.Teachers;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Evaluation;

/// <summary>The embedding of an ONNX model as a module: images [N, 3, H, W] -> [N, C]. It has no weights to train.</summary>
internal sealed class OnnxEmbedding(OnnxTeacher model) : nn.Module<Tensor, Tensor>(nameof(OnnxEmbedding))
{
    public override Tensor forward(Tensor images) => model.Run(images).Embedding;

    protected override void Dispose(bool disposing)
    {
        if (disposing) model.Dispose();
        base.Dispose(disposing);
    }
}
