using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Heads;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Search.Scores;

/// <summary>How alike a candidate's z, the unit vector behind the neck, is to the teacher's.</summary>
public sealed class EmbeddingScore : IFeatureScore
{
    private readonly Func<Tensor, Tensor> unit;
    private readonly Metric metric;
    private readonly Tensor teacher;

    /// <param name="head">The student's neck.</param>
    /// <param name="teacher">The teacher's z [N, D]; copied.</param>
    public EmbeddingScore(NetworkHeads head, Tensor teacher, Metric metric) : this(head.forward, teacher, metric)
    {
    }

    /// <summary>
    /// The embeddings themselves against a foreign teacher's, which may have another length: by what relates the images to one another.
    /// </summary>
    /// <param name="foreign">Unit embeddings [N, D']; copied.</param>
    public EmbeddingScore(Tensor foreign) : this(embedding => functional.normalize(embedding, dim: 1), foreign, Metric.ForeignRelation)
    {
    }

    private EmbeddingScore(Func<Tensor, Tensor> unit, Tensor teacher, Metric metric) =>
        (this.unit, this.metric, this.teacher) = (unit, metric, teacher.clone().DetachFromDisposeScope());

    /// <inheritdoc/>
    /// <param name="output">The student's last output [N, C', H, W], or its tokens.</param>
    public double[] OfEach(Tensor output)
    {
        using var scope = NewDisposeScope();
        var z = unit(Supernet.Pool(output));
        var likeness = metric switch
        {
            Metric.Cosine => (z * teacher).sum(1),
            Metric.Mse => (z - teacher).square().sum(1).neg(),
            _ => Relation(z),
        };
        return likeness.to(ScalarType.Float64).cpu().data<double>().ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => teacher.Dispose();

    /// <summary>
    /// Each image among all of the teacher's, or of its own network's: [N, D] -> [N], a few rows of the N x N matrices at a time.
    /// </summary>
    private Tensor Relation(Tensor z)
    {
        var count = teacher.shape[0];
        var rows = Math.Max(1, RelationScore.PartElements / count);
        var parts = new List<Tensor>();
        for (var row = 0L; row < count; row += rows)
        {
            using var scope = NewDisposeScope();
            var length = Math.Min(rows, count - row);
            var target = Relations(teacher, teacher).softmax(1);
            parts.Add(
                target.mul_(functional.log_softmax(Relations(z, metric is Metric.OwnRelation or Metric.ForeignRelation ? z : teacher), 1))
                    .sum(1).MoveToOuterDisposeScope());

            Tensor Relations(Tensor vectors, Tensor to) => vectors.narrow(0, row, length).matmul(to.t()).div_(RelationScore.Temperature);
        }
        return cat(parts);
    }
}
