using TorchSharp;

namespace DataSsl.Peers.Step;

/// <summary>
/// The same step over networks of their own, one a student, in which nothing is sliced: what slicing costs. The largest is the supernet
/// itself, so that the update is of as many weights. The others are made and run once, back too, before the measured time.
/// </summary>
internal sealed class StaticStep(MoCo moco, Architecture largest) : BestStep(moco)
{
    private readonly List<Supernet> networks = [];

    public override void Prepare(IReadOnlyList<Architecture> architectures)
    {
        foreach (var network in networks.Where(n => n != MoCo.Student)) network.Dispose();
        networks.Clear();
        MoCo.Student.Set(largest);
        networks.AddRange(architectures.Select(architecture => architecture == largest ? MoCo.Student : MoCo.Network(architecture)));
        using var scope = torch.NewDisposeScope();
        var keys = MoCo.Teach();
        foreach (var network in networks)
        {
            MoCo.Backward(network, keys);
            network.zero_grad(set_to_none: true);
        }
    }

    protected override Supernet Network(Architecture architecture, int student) => networks[student];
}
