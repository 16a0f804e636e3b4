using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Search.Scores;

/// <summary>
/// How alike two networks relate the positions of an image: each map gives a HW x HW matrix of cosines between positions, softmax at 0.2 turns its rows into
/// distributions, and the teacher's are the target of a cross-entropy (DATA, equations 4 and 5, in the reading of the released code).
/// </summary>
public sealed class RelationScore : IDisposable
{
    /// <summary>tau of the released code; the paper names none.</summary>
    public const double Temperature = 0.2;

    /// <summary>Elements of relation matrices held at once; larger sets of images go in chunks.</summary>
    private const long ChunkElements = 1 << 24;

    private readonly Tensor teacher;
    private readonly int chunk;

    /// <summary>Takes the teacher's map [N, C, H, W], or its tokens [N, 1 + HW, C].</summary>
    public RelationScore(Tensor teacherMap) : this(teacherMap, ChunkElements)
    {
    }

    internal RelationScore(Tensor teacherMap, long chunkElements)
    {
        using var scope = NewDisposeScope();
        teacher = Positions(teacherMap).DetachFromDisposeScope();
        var positions = teacher.shape[1];
        chunk = (int)Math.Max(1, chunkElements / (positions * positions));
    }

    /// <summary>Mean over images and positions of the cross-entropy to the teacher; lower is more alike.</summary>
    /// <param name="map">The student's map [N, C', H, W], of the teacher's height and width.</param>
    public double CrossEntropy(Tensor map)
    {
        using var scope = NewDisposeScope();
        var student = Positions(map);
        var total = 0.0;
        for (var start = 0L; start < teacher.shape[0]; start += chunk)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(chunk, teacher.shape[0] - start);
            var target = Relations(teacher, start, count).softmax(2);
            var prediction = functional.log_softmax(Relations(student, start, count), 2);
            total -= (target * prediction).sum(ScalarType.Float64).item<double>();
        }
        return total / (teacher.shape[0] * teacher.shape[1]);
    }

    public void Dispose() => teacher.Dispose();

    /// <summary>[N, C, H, W] -> unit vectors [N, HW, C], in 32 bits.</summary>
    private static Tensor Positions(Tensor map) => functional.normalize(Tokens.Map(map).to(ScalarType.Float32).flatten(2).transpose(1, 2), dim: 2).contiguous();

    private static Tensor Relations(Tensor positions, long start, long count)
    {
        var part = positions.narrow(0, start, count);
        return part.bmm(part.transpose(1, 2)).div_(Temperature);
    }
}
