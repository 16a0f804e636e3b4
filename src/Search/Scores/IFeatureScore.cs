using static TorchSharp.torch;

namespace DataSsl.Search.Scores;

/// <summary>The likeness of a candidate's features to the teacher's, image by image; higher is more alike.</summary>
internal interface IFeatureScore : IDisposable
{
    /// <summary>One number for each image.</summary>
    /// <param name="output">A segment's output: [N, C, H, W], or tokens [N, 1 + HW, C].</param>
    double[] OfEach(Tensor output);
}
