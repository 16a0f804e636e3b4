using static TorchSharp.torch;

namespace DataSsl.Peers.Step;

/// <summary>
/// Algorithm 1 of DATA with nothing wasted: one teacher pass, three students that slice their weights, one update, in place.
/// </summary>
internal class BestStep(MoCo moco) : IStep
{
    private readonly List<Tensor> momenta = [.. moco.StudentWeights.Masters.Select(p => zeros_like(p))];

    protected MoCo MoCo { get; } = moco;

    public virtual void Prepare(IReadOnlyList<Architecture> architectures)
    {
    }

    public IReadOnlyList<Tensor> Run(IReadOnlyList<Architecture> architectures)
    {
        using var scope = NewDisposeScope();
        MoCo.Student.zero_grad(set_to_none: true);
        var keys = MoCo.Teach();
        var losses = architectures.Select((architecture, i) => MoCo.Backward(Network(architecture, i), keys).MoveToOuterDisposeScope())
            .ToList();
        using var grad = no_grad();
        MoCo.StudentWeights.Step(momenta, MoCo.Rate, MoCo.Momentum, MoCo.WeightDecay);
        MoCo.TeacherWeights.Follow(MoCo.StudentWeights, MoCo.TeacherMomentum);
        MoCo.Enqueue(keys);
        return losses;
    }

    protected virtual Supernet Network(Architecture architecture, int student)
    {
        MoCo.Student.Set(architecture);
        return MoCo.Student;
    }
}
