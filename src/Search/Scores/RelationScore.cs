using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Objectives;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Search.Scores;

/// <summary>
/// How alike two networks relate the positions of an image: each map gives a HW x HW matrix of cosines between positions.
/// <see cref="Metric.Relation"/> turns its rows into distributions by a softmax at 0.2, and the teacher's are the target of a cross-entropy
/// (DATA, equations 4 and 5, in the reading of the released code); the released code's other variants compare the matrices themselves.
/// </summary>
public sealed class RelationScore : IFeatureScore
{
    /// <summary>tau of the released code; the paper names none.</summary>
    public const double Temperature = PositionRelations.Temperature;

    /// <summary>Elements of a relation matrix held at once: whole images where they are small, rows of one where they are large.</summary>
    internal const long PartElements = 1 << 20;

    private readonly Metric metric;
    private readonly Tensor teacher;
    private readonly int images;
    private readonly int rows;

    /// <summary>Takes the teacher's map [N, C, H, W], or its tokens [N, 1 + HW, C].</summary>
    public RelationScore(Tensor teacherMap, Metric metric = Metric.Relation) : this(teacherMap, metric, PartElements)
    {
    }

    internal RelationScore(Tensor teacherMap, Metric metric, long partElements)
    {
        this.metric = metric;
        teacher = UnitVectors(teacherMap).DetachFromDisposeScope();
        var positions = teacher.shape[1];
        images = (int)Math.Max(1, partElements / (positions * positions));
        rows = (int)Math.Clamp(partElements / positions, 1, positions);
    }

    /// <summary>Positions of a map, H * W.</summary>
    public long Positions => teacher.shape[1];

    /// <summary>Mean over the positions of each image, or their sum where the metric is one; higher is more alike.</summary>
    /// <param name="output">The student's map [N, C', H, W], of the teacher's height and width, or its tokens.</param>
    public double[] OfEach(Tensor output)
    {
        using var scope = NewDisposeScope();
        var (count, positions) = (teacher.shape[0], teacher.shape[1]);
        var all = new List<Tensor>();
        for (var start = 0L; start < count; start += images)
        {
            using var inner = NewDisposeScope();
            var length = Math.Min(images, count - start);
            var (target, student) = (teacher.narrow(0, start, length), UnitVectors(output.narrow(0, start, length)));
            var sum = zeros(length, ScalarType.Float64, teacher.device);
            for (var row = 0L; row < positions; row += rows) sum.add_(OfRows(target, student, row, Math.Min(rows, positions - row)));
            all.Add((metric == Metric.RelationSum ? sum : sum.div_(positions)).MoveToOuterDisposeScope());
        }
        return cat(all).cpu().data<double>().ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => teacher.Dispose();

    /// <summary>Summed over some rows of the relation matrices: [n].</summary>
    private Tensor OfRows(Tensor target, Tensor student, long row, long count)
    {
        using var scope = NewDisposeScope();
        var (t, s) = (Relations(target, row, count), Relations(student, row, count));
        var likeness = metric switch
        {
            Metric.Cosine => t.mul_(s),
            Metric.Mse => t.sub_(s).square().neg_(),
            _ => t.div_(Temperature).softmax(2).mul_(functional.log_softmax(s.div_(Temperature), 2)),
        };
        return likeness.sum([1L, 2L], type: ScalarType.Float64).MoveToOuterDisposeScope();
    }

    /// <summary>[N, C, H, W] -> unit vectors [N, HW, C], in 32 bits.</summary>
    private static Tensor UnitVectors(Tensor map)
    {
        using var scope = NewDisposeScope();
        return functional.normalize(Tokens.Map(map).to(ScalarType.Float32).flatten(2).transpose(1, 2), dim: 2).contiguous()
            .MoveToOuterDisposeScope();
    }

    private static Tensor Relations(Tensor positions, long row, long count)
    {
        var whole = row == 0 && count == positions.shape[1];
        return (whole ? positions : positions.narrow(1, row, count)).bmm(positions.transpose(1, 2));
    }
}
