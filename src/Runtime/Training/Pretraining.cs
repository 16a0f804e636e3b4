using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>
/// All that a training step changes: student, teacher, optimizer and what the objective keeps; and the step itself, the same for every
/// objective, supernet or single network.
/// </summary>
public sealed class Pretraining : IDisposable
{
    /// <summary>The name that checkpoints give the newest features.</summary>
    public const string RecentName = "recent";

    private readonly Method method;
    private readonly Objective objective;
    private readonly Passes passes;
    private readonly CollapseWatch watch;
    private readonly ulong seed;
    private readonly SizeDraws? draws;
    private readonly StepGarbage garbage = new();
    private int teacherUpdates, remembered, optimizerSteps;

    /// <summary>Allocates everything on a device with weights of a seed; the teacher starts as a copy of the student.</summary>
    /// <param name="processes">Among which the batch of a step is dealt; null for this one alone. All hold the same state, to the
    /// bit.</param>
    /// <param name="size">Side in pixels of the images that costs are of, where an architecture is learnt; null for the space's.</param>
    /// <exception cref="UserException">The groups of the batch cannot be dealt to so many processes, or no architecture can be learnt in
    /// the space.</exception>
    public Pretraining(
        SearchSpace space, Method method, Device device, ScalarType computeType, long seed, ProcessGroup? processes = null,
        int? size = null)
    {
        method.CheckViews();
        method.CheckNetwork(space);
        (this.method, this.seed, Deal) = (method, (ulong)seed, new(method.NormGroups, processes));
        Networks = method.Networks(space, device, computeType, trainable: true);
        Networks.StudentWeights.Initialize(seed);
        if (Networks.HasTeacher) Networks.TeacherWeights.CopyFrom(Networks.StudentWeights);
        if (Networks.Only is null) Networks.Student.PrecomputeSlices();
        if (method.TeacherArchitecture == TeacherArchitecture.Student && Networks is { Only: null, HasTeacher: true })
            Networks.Teacher.PrecomputeSlices();
        Networks.Student.Processes = Networks.Teacher.Processes = Deal.NormProcesses;
        objective = method.Objective.Create(new(Networks.StudentHead, method.Views, Deal, device, seed + 1));
        passes = new(Networks, method, objective, Deal, (ulong)seed);
        if (method.Draws == SubnetDraws.Lacking && Networks.Only is null)
            draws = new(space, new(space, method.Views.Views.Max(view => view.Recipe.Size)));
        watch = new(Networks.StudentHead.Dimension, device);
        Optimizer = method.Optimizer.Create(
            Networks.StudentWeights, Networks.StudentHead.Prototypes?.Slots ?? [], apart: method.Learning is not null);
        if (method.Learning is not null)
            Learner = new(method, Networks, objective, passes, Deal, Optimizer, size ?? space.InputSize, seed);
    }

    /// <summary>How the network learns.</summary>
    public Method Method => method;

    /// <summary>Student and teacher.</summary>
    public NetworkPair Networks { get; }

    /// <summary>What updates the student's weights, and what it keeps between steps.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>What learns the architecture; null where it is not learnt.</summary>
    public ArchitectureLearner? Learner { get; }

    /// <summary>What of a step's batch this process computes.</summary>
    public BatchDeal Deal { get; }

    /// <summary>How often each part of a step has run since this was made.</summary>
    public StepCounts Counts => new(passes.TeacherForwards, passes.StudentForwards, teacherUpdates, remembered, optimizerSteps);

    /// <summary>The queues that the objective keeps between steps.</summary>
    public IReadOnlyList<(string Name, KeyQueue Queue)> Queues => objective.Queues;

    /// <summary>All tensors that decide how the training goes on, by the name that checkpoints give them.</summary>
    public IEnumerable<(string Name, Tensor Values)> State => Networks.State
        .Concat(
            Optimizer.State.SelectMany(
                state => Networks.StudentWeights.Slots.Select(slot => ($"{state.Name}.{slot.Key}", slot.ViewOf(state.Values)))))
        .Concat(Queues.Select(entry => (entry.Name, entry.Queue.Keys)))
        .Concat(objective.State)
        .Concat(Learner?.Choices.State ?? [])
        .Concat(draws is null ? [] : [("draws", draws.State)])
        .Append((RecentName, watch.Recent));

    /// <summary>The same in as few tensors as they lie in.</summary>
    internal IEnumerable<Tensor> Buffers =>
    [
        Networks.StudentWeights.Values, .. Networks.HasTeacher
            ? [Networks.TeacherWeights.Values]
            : Array.Empty<Tensor>(), .. Optimizer.State.Select(state => state.Values),
        .. Queues.Select(entry => entry.Queue.Keys), .. objective.State.Select(state => state.Values),
        .. Learner?.Choices.State.Select(state => state.Values) ?? [], watch.Recent,
        .. draws is null ? Array.Empty<Tensor>() : [draws.State],
    ];

    /// <summary>The architectures of a step, Max first, as they are drawn where the run stands.</summary>
    public Architecture[] Students(RunPosition at) =>
        method.Students(Networks.Space, seed, at, draws is not null ? draws.Draw : Learner is not null ? Learner.Choices.Draw : null);

    /// <summary>
    /// Starts from given weights in the place of the seed's; the teacher is again a copy of the student. Heads keep what they have.
    /// </summary>
    /// <param name="fill">Fills the student's weights.</param>
    public void StartFrom(Action<ParameterStore> fill)
    {
        fill(Networks.StudentWeights);
        if (Networks.HasTeacher) Networks.TeacherWeights.CopyFrom(Networks.StudentWeights);
    }

    /// <inheritdoc cref="CollapseWatch.Spread"/>
    public double? Spread => watch.Spread;

    /// <inheritdoc cref="CollapseWatch.Information"/>
    public double? Information => watch.Information;

    /// <summary>
    /// One training step, DATA's Algorithm 1: theta_s are the student's weights, theta_t the teacher's, Omega the architectures. Of several
    /// processes each gives its part of the batch, see <see cref="Deal"/>.
    /// </summary>
    /// <param name="views">Each view of the same images, [N, 3, S, S].</param>
    /// <param name="omega">The students' architectures.</param>
    /// <param name="at">Where the run stands.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="foreign">By view, what a foreign teacher says of this process's images, where the objective has one.</param>
    /// <returns>The loss of each student over the whole batch, that of darts' mixture behind those of Omega: [students], on the device; the
    /// caller disposes it.</returns>
    public Tensor Step(
        ViewBatch views, IReadOnlyList<Architecture> omega, RunPosition at, double rate, IReadOnlyList<ForeignOutput?>? foreign = null)
    {
        if (method.Objective.HasForeignTeacher != foreign is not null)
            throw new ArgumentException(
                $"{method.Objective.Name} {(foreign is null ? "needs" : "has no")} foreign teacher", nameof(foreign));
        using var scope = NewDisposeScope();
        var step = method.UpdateAt(at, rate);
        // Gradients of all processes are summed, and what an optimizer puts in before them is there once.
        if (Deal.Processes is { Rank: > 0 }) Networks.StudentWeights.ZeroGradients();
        else Optimizer.Begin(step);
        objective.Begin();
        var said = objective.Assigned(foreign ?? []);
        var losses = new List<Tensor>();
        if (method.Rule != SandwichRule.Released)
        {
            // z_t of Max once, for all students; then the sum over Omega of L(z_s, z_t), and its gradient.
            ViewOutput?[]? first = null, ofMax = null;
            foreach (var (teacher, students) in Taught(omega))
            {
                var zt = passes.Teacher(views, teacher);
                var zs = passes.Students(views, students, zt, said, at, losses);
                ofMax ??= zt;
                first ??= zt ?? zs;
            }
            if (method.Mixes(at))
            {
                using var mixture = Learner!.Mixture();
                passes.Mixture(mixture, views, ofMax, said, at, losses);
            }
            UpdateStudent(step);
            UpdateTeacher(at);
            Remember(first!, at);
        }
        else
        {
            // As released: the teacher moves, looks and is remembered before each student.
            foreach (var (teacher, students) in omega.SelectMany(architecture => Taught([architecture])))
            {
                UpdateTeacher(at);
                var zt = passes.Teacher(views, teacher);
                var zs = passes.Students(views, students, zt, said, at, losses);
                Remember(zt ?? zs, at);
            }
            UpdateStudent(step);
        }
        if (foreign?.First(output => output is not null) is { } whole) RememberForeign(whole);
        var all = stack(losses);
        Deal.Processes?.AllReduce(all);
        // While Max is alone there is nothing that its losses could be compared with.
        if (at.Step >= method.StepsOfMaxAlone(at.Steps)) draws?.Learn(omega, all);
        garbage.Collect();
        return all.MoveToOuterDisposeScope();
    }

    /// <summary>The teacher's architectures, and the students of each: all share Max's, or each has its own.</summary>
    private IEnumerable<(Architecture Teacher, IReadOnlyList<Architecture> Students)> Taught(IReadOnlyList<Architecture> students) =>
        method.TeacherArchitecture == TeacherArchitecture.Fixed
            ? [(Networks.Largest, students)]
            : students.Select(student => (student, (IReadOnlyList<Architecture>)[student]));

    private void UpdateStudent(OptimizerStep step)
    {
        Deal.Processes?.AllReduce(Networks.StudentWeights.Gradients);
        Optimizer.Step(step);
        optimizerSteps++;
    }

    private void UpdateTeacher(RunPosition at)
    {
        if (!Networks.HasTeacher) return;
        Networks.MoveTeacher(method.Objective.TeacherMomentumAt(at));
        teacherUpdates++;
    }

    private void Remember(ViewOutput?[] targets, RunPosition at)
    {
        using var grad = no_grad();
        var first = targets.First(target => target is not null)!;
        using (var distributions = objective.Distributions(first, at)) watch.Add(first.Z, distributions);
        objective.Remember(targets, at);
        remembered++;
    }

    private void RememberForeign(ForeignOutput own)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        objective.RememberForeign(Deal.WholeOfQueries(own.Z));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        watch.Dispose();
        Learner?.Dispose();
        draws?.Dispose();
        objective.Dispose();
        Optimizer.Dispose();
        Networks.Dispose();
    }
}

/// <summary>How often each part of a step has run.</summary>
public sealed record StepCounts(int TeacherForwards, int StudentForwards, int TeacherUpdates, int Remembered, int OptimizerSteps);
