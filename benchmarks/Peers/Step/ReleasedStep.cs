using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Peers.Step;

/// <summary>
/// As GAIA-ssl was published: momentum update, teacher and enqueue before each of Max, Min and one random subnet; 32 bits, NCHW, updates
/// with new tensors, parameter by parameter.
/// </summary>
internal sealed class ReleasedStep(MoCo moco) : IStep
{
    private readonly optim.Optimizer optimizer = optim.SGD(
        moco.Student.parameters(), MoCo.Rate, MoCo.Momentum, weight_decay: MoCo.WeightDecay);

    public IReadOnlyList<Tensor> Run(IReadOnlyList<Architecture> architectures)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        var losses = architectures.Select(architecture => Pass(architecture).MoveToOuterDisposeScope()).ToList();
        optimizer.step();
        return losses;
    }

    private Tensor Pass(Architecture architecture)
    {
        using var scope = NewDisposeScope();
        foreach (var (slow, fast) in moco.Teacher.parameters().Zip(moco.Student.parameters()))
        {
            using var grad = no_grad();
            using var inner = NewDisposeScope();
            slow.set_(slow * MoCo.TeacherMomentum + fast * (1 - MoCo.TeacherMomentum));
        }
        var keys = moco.Teach();
        moco.Student.Set(architecture);
        var loss = moco.Backward(moco.Student, keys);
        using (no_grad()) moco.Enqueue(keys);
        return loss.MoveToOuterDisposeScope();
    }
}
