using DataSsl.Dense.Training;

namespace DataSsl.Jobs.DenseTasks;

/// <summary>
/// What a few hundred images on two processors take while one waits, and the schedules by which DATA's networks are transferred:
/// Detectron2's of Pascal VOC and of COCO ("1x"), and that of an FCN on Cityscapes, as DenseCL has them.
/// </summary>
/// <param name="Size">As <c>--size</c> takes it.</param>
/// <param name="PaperSteps">Steps of the paper's.</param>
/// <param name="PaperRate">The rate of those.</param>
internal sealed record DenseDefaults(string Size, int Epochs, int Batch, double Rate, int PaperSteps, double PaperRate)
{
    /// <summary>Channels of a pyramid: half of torchvision's.</summary>
    public const int Width = 128;

    public const int PaperBatch = 16;

    public static DenseDefaults Of(DenseTask task) => task switch
    {
        DenseTask.Detection => new("320", 12, 4, 0.01, 24_000, 0.02),
        DenseTask.Instances => new("320", 12, 4, 0.01, 90_000, 0.02),
        _ => new("240", 60, 4, 0.02, 40_000, 0.01),
    };

    /// <summary>Those of a study, which only sets the networks against each other, and trains many: a third of the passes.</summary>
    public static DenseDefaults OfStudy(DenseTask task) => Of(task) with { Epochs = Of(task).Epochs / 3 };
}
