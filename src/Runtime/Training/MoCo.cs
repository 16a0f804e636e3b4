using DataSsl.Torch;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Runtime.Training;

/// <summary>Settings of MoCo v2 (Chen et al. 2020) on a supernet.</summary>
/// <param name="Dimension">Length of z.</param>
/// <param name="Hidden">Hidden units of the neck.</param>
/// <param name="QueueLength">Negatives; the batch must divide it.</param>
/// <param name="Temperature">tau of the logits.</param>
/// <param name="TeacherMomentum">m of the momentum encoder: teacher = m * teacher + (1 - m) * student.</param>
/// <param name="Momentum">SGD momentum.</param>
/// <param name="WeightDecay">SGD weight decay, on every parameter as published.</param>
/// <param name="Rule">Which architectures train in a step, and how often the teacher moves.</param>
/// <param name="NormGroups">
/// Groups of the batch with batch statistics of their own: MoCo's shuffled BatchNorm, with groups in the place of devices. In one group a query could recognise its key by
/// the statistics that they share.
/// </param>
public sealed record MoCoOptions(
    int Dimension = 128, int Hidden = 2048, int QueueLength = 65536, double Temperature = 0.2, double TeacherMomentum = 0.999,
    double Momentum = 0.9, double WeightDecay = 1e-4, SandwichRule Rule = SandwichRule.Algorithm1, int NormGroups = 1);

/// <summary>Which architectures a step trains.</summary>
public enum SandwichRule
{
    /// <summary>DATA, Algorithm 1: Max and two random; one teacher forward, one momentum update after the optimizer, one enqueue.</summary>
    Algorithm1,

    /// <summary>The released code: Max, Min and one random, each with its own momentum update, teacher forward and enqueue before it.</summary>
    Released,
}

/// <summary>How often each part of a step has run.</summary>
public sealed record StepCounts(int TeacherForwards, int StudentForwards, int TeacherUpdates, int Enqueues, int OptimizerSteps);

/// <summary>MoCo v2 on a supernet: student, momentum encoder, queue and optimizer, which is all that a training step changes.</summary>
public sealed class MoCo : IDisposable
{
    private readonly MoCoOptions options;
    private StepCounts counts = new(0, 0, 0, 0, 0);

    /// <summary>Allocates everything on a device with weights of a seed; the teacher starts as a copy of the student.</summary>
    /// <param name="processes">Among which the batch of a step is dealt; null for this one alone. All hold the same state, to the bit.</param>
    /// <exception cref="UserException">The groups of the batch cannot be dealt to so many processes.</exception>
    public MoCo(SearchSpace space, MoCoOptions options, Device device, ScalarType computeType, long seed, ProcessGroup? processes = null)
    {
        (this.options, Deal) = (options, new(options.NormGroups, processes));
        Networks = new(space, options.Hidden, options.Dimension, device, computeType, trainable: true);
        Networks.StudentWeights.Initialize(seed);
        Networks.TeacherWeights.CopyFrom(Networks.StudentWeights);
        Networks.Student.PrecomputeSlices();
        Queue = new(options.Dimension, options.QueueLength, seed + 1, device);
        Optimizer = new(Networks.StudentWeights, options.Momentum, options.WeightDecay);
        Networks.Student.Processes = Networks.Teacher.Processes = Deal.NormProcesses;
    }

    /// <summary>What of a step's batch this process computes.</summary>
    public BatchDeal Deal { get; }

    public NetworkPair Networks { get; }

    public KeyQueue Queue { get; }

    public Sgd Optimizer { get; }

    public StepCounts Counts => counts;

    /// <summary>The architectures of a step: a pure function of seed and step, the same on every device.</summary>
    public static Architecture[] Draw(SearchSpace space, SandwichRule rule, ulong seed, long step)
    {
        var random = CounterRandom.For(seed, "architectures", step);
        return rule == SandwichRule.Algorithm1
            ? [space.Max, space.Sample(ref random), space.Sample(ref random)]
            : [space.Max, space.Min, space.Sample(ref random)];
    }

    /// <summary>One training step on two views of the same images, each [N, 3, H, W]; of several processes, each gives its part of the batch, see <see cref="Deal"/>.</summary>
    /// <param name="queries">The students' view.</param>
    /// <param name="keys">The teacher's view.</param>
    /// <param name="architectures">The students' architectures.</param>
    /// <param name="rate">Learning rate.</param>
    /// <returns>The loss of each student over the whole batch, [students], on the device; the caller disposes it.</returns>
    public Tensor Step(Tensor queries, Tensor keys, IReadOnlyList<Architecture> architectures, double rate)
    {
        using var scope = NewDisposeScope();
        Networks.StudentWeights.ZeroGradients();
        var once = options.Rule == SandwichRule.Algorithm1;
        var losses = new List<Tensor>();
        var teacher = once ? TeacherForward(keys) : null;
        if (once) losses.AddRange(Backward(queries, teacher!, architectures));
        else
        {
            foreach (var architecture in architectures)
            {
                UpdateTeacher();
                teacher = TeacherForward(keys);
                losses.AddRange(Backward(queries, teacher, [architecture]));
                Enqueue(teacher);
            }
        }
        foreach (var (_, part) in Networks.StudentWeights.GradientParts) Deal.Processes?.AllReduce(part);
        Optimizer.Step(rate);
        counts = counts with { OptimizerSteps = counts.OptimizerSteps + 1 };
        if (once)
        {
            UpdateTeacher();
            Enqueue(teacher!);
        }
        var all = stack(losses);
        Deal.Processes?.AllReduce(all);
        return all.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Adds the students' gradients, group by group of neighbours; a student's graph of a group is freed before the next one's is built. A stem that several share
    /// runs once, and back once.
    /// </summary>
    private IEnumerable<Tensor> Backward(Tensor queries, Tensor keys, IReadOnlyList<Architecture> architectures)
    {
        using var scope = NewDisposeScope();
        counts = counts with { StudentForwards = counts.StudentForwards + architectures.Count };
        var losses = architectures.Select(_ => zeros([], device: queries.device)).ToList();
        var size = queries.shape[0] / Deal.Parts;
        for (var group = 0; group < Deal.Parts; group++)
        {
            using var inner = NewDisposeScope();
            var (views, own) = (queries.narrow(0, group * size, size), keys.narrow(0, (Deal.FirstPart + group) * size, size));
            foreach (var (widest, students) in Stems(architectures))
            {
                using var perStem = NewDisposeScope();
                var stem = Networks.Student.Stem(views, widest);
                var leaf = stem.detach().requires_grad_();
                foreach (var i in students) losses[i].add_(Backward(leaf, own, architectures[i]));
                stem.backward([leaf.grad!]);
            }
        }
        foreach (var loss in losses) loss.MoveToOuterDisposeScope();
        return losses;
    }

    /// <summary>The stems to run, and the students of each: Max's for all where theirs are slices of it.</summary>
    private IEnumerable<(Architecture Widest, int[] Students)> Stems(IReadOnlyList<Architecture> architectures)
    {
        var max = Networks.Space.Max;
        return Networks.Space.HasSharedStem && architectures.Contains(max)
            ? [(max, [.. Enumerable.Range(0, architectures.Count)])]
            : architectures.Select((architecture, i) => (architecture, new[] { i }));
    }

    /// <summary>Loss of one student's share in the batch's mean; its gradients are added to the weights' and to the stem output's.</summary>
    private Tensor Backward(Tensor stem, Tensor keys, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        var z = Networks.StudentHead.forward(Networks.Student.EmbedStem(stem, architecture));
        var (loss, gradient) = InfoNce.Of(z, keys, Queue.Keys, options.Temperature);
        z.backward([gradient.div_(Deal.PartsOfAll)]);
        return loss.div_(Deal.PartsOfAll).MoveToOuterDisposeScope();
    }

    /// <summary>Keys of the whole batch [N, D], computed in groups that take every n-th image, so that no query shares its batch statistics with its key.</summary>
    private Tensor TeacherForward(Tensor keys)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        counts = counts with { TeacherForwards = counts.TeacherForwards + 1 };
        var groups = Deal.Parts;
        var dealt = keys.view([keys.shape[0] / groups, groups, .. keys.shape[1..]]);
        var z = Enumerable.Range(0, groups).Select(group =>
            Networks.TeacherHead.forward(Networks.Teacher.Embed(MemoryFormat.ChannelsLast(dealt.select(1, group)), Networks.Space.Max)));
        return Deal.Whole(stack(z.ToList(), dim: 1)).MoveToOuterDisposeScope();
    }

    private void UpdateTeacher()
    {
        using var grad = no_grad();
        var (teacher, student) = (Networks.TeacherWeights, Networks.StudentWeights);
        foreach (var (start, count) in teacher.Stretches(0, teacher.Values.numel()))
        {
            using var slow = teacher.Values.narrow(0, start, count);
            using var fast = student.Values.narrow(0, start, count);
            FlatUpdate.Average(slow, fast, options.TeacherMomentum);
        }
        teacher.Changed();
        counts = counts with { TeacherUpdates = counts.TeacherUpdates + 1 };
    }

    private void Enqueue(Tensor keys)
    {
        Queue.Enqueue(keys);
        counts = counts with { Enqueues = counts.Enqueues + 1 };
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Queue.Dispose();
        Networks.Dispose();
    }
}
