using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>How alike two maps relate the positions of an image, whatever their channels and sides: DATA's equations 4 and 5 as a loss.</summary>
public static class PositionRelations
{
    /// <summary>tau of the rows' softmax, that of the released code; the paper names none.</summary>
    public const double Temperature = 0.2;

    /// <summary>
    /// The mean cross-entropy of the rows of the two matrices of cosines between positions, softmax at <see cref="Temperature"/>, the teacher's as target. Both maps are averaged to the smaller of
    /// their heights and widths first.
    /// </summary>
    /// <param name="student">[N, C, H, W]; takes the gradient.</param>
    /// <param name="teacher">[N, C', H', W'].</param>
    public static Tensor Loss(Tensor student, Tensor teacher)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (Math.Min(student.shape[2], teacher.shape[2]), Math.Min(student.shape[3], teacher.shape[3]));
        var target = Relations(teacher).softmax(2).flatten(0, 1);
        return SoftCrossEntropy.Of(target, Relations(student).flatten(0, 1)).MoveToOuterDisposeScope();

        Tensor Relations(Tensor map)
        {
            var positions = functional.normalize(functional.adaptive_avg_pool2d(map, [height, width]).flatten(2), dim: 1);
            return positions.transpose(1, 2).bmm(positions) / Temperature;
        }
    }
}
