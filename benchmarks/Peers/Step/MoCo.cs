using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Peers.Step;

/// <summary>What every form of the step has: student, teacher, queue, two views of a batch, and MoCo v2's loss.</summary>
internal sealed class MoCo
{
    public const double Rate = 0.03, Momentum = 0.9, WeightDecay = 1e-4, TeacherMomentum = 0.999;

    private const double Temperature = 0.2;

    private readonly StepSettings settings;
    private readonly Style style;
    private readonly Tensor target;
    private long position;

    public MoCo(StepSettings settings, Style style)
    {
        (this.settings, this.style) = (settings, style);
        manual_seed(0);
        Student = Network(settings.Largest);
        Teacher = Network(settings.Largest);
        foreach (var parameter in Teacher.parameters()) parameter.requires_grad = false;
        (StudentWeights, TeacherWeights) = (new(Student), new(Teacher));
        TeacherWeights.CopyFrom(StudentWeights);
        using var drawn = randn(128, settings.Queue, device: settings.Device);
        Queue = functional.normalize(drawn, dim: 0).to(style.Compute);
        (Queries, Keys) = (View(), View());
        target = zeros(settings.Batch / settings.NormGroups, ScalarType.Int64, settings.Device);
    }

    public Supernet Student { get; }

    public Supernet Teacher { get; }

    public Weights StudentWeights { get; }

    public Weights TeacherWeights { get; }

    /// <summary>Unit vectors, one a column, in the type of the product with them: [D, K].</summary>
    public Tensor Queue { get; }

    /// <summary>The student's view of the batch: [N, 3, S, S].</summary>
    public Tensor Queries { get; }

    /// <summary>The teacher's.</summary>
    public Tensor Keys { get; }

    public Supernet Network(Architecture architecture) =>
        new(style, architecture, settings.LowResolution, settings.Strides, settings.Device);

    /// <summary>
    /// The keys of the batch, [N, D]. A group of BatchNorm takes every n-th image, as MoCo's shuffling deals keys to other devices than
    /// their queries.
    /// </summary>
    public Tensor Teach()
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var groups = settings.NormGroups;
        if (groups == 1) return Teacher.call(Keys).MoveToOuterDisposeScope();
        var dealt = Keys.view([settings.Batch / groups, groups, .. Keys.shape[1..]]);
        return stack(Enumerable.Range(0, groups).Select(g => Teacher.call(dealt.select(1, g))).ToList(), 1).view(settings.Batch, -1)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Adds a network's gradients group by group, and returns its loss.</summary>
    public Tensor Backward(Supernet network, Tensor keys)
    {
        using var scope = NewDisposeScope();
        var (groups, size) = (settings.NormGroups, settings.Batch / settings.NormGroups);
        var sum = zeros([], device: settings.Device);
        for (var g = 0; g < groups; g++)
        {
            using var inner = NewDisposeScope();
            var loss = Loss(network.call(Queries.narrow(0, g * size, size)), keys.narrow(0, g * size, size)) / groups;
            loss.backward();
            sum.add_(loss.detach());
        }
        return sum.MoveToOuterDisposeScope();
    }

    private Tensor Loss(Tensor z, Tensor keys)
    {
        var queries = z / Temperature;
        var positive = (queries * keys).sum(1, keepdim: true);
        var negative = queries.to(style.Compute).mm(Queue).to(ScalarType.Float32);
        return functional.cross_entropy(cat([positive, negative], 1), target);
    }

    public void Enqueue(Tensor keys)
    {
        using var scope = NewDisposeScope();
        Queue.narrow(1, position, settings.Batch).copy_(keys.t());
        position = (position + settings.Batch) % settings.Queue;
    }

    private Tensor View()
    {
        using var noise = randn(settings.Batch, 3, settings.Size, settings.Size, device: settings.Device);
        return style.Lay(noise).to(style.Compute);
    }
}
