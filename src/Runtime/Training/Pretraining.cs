using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>All that a training step changes: student, teacher, optimizer and what the objective keeps; and the step itself, the same for every objective, supernet or single network.</summary>
public sealed class Pretraining : IDisposable
{
    /// <summary>The name that checkpoints give the newest features.</summary>
    public const string RecentName = "recent";

    private readonly Method method;
    private readonly Objective objective;
    private readonly int[] studentViews;
    private readonly int[] targets;
    private StepCounts counts = new(0, 0, 0, 0, 0);
    private readonly CollapseWatch watch;

    /// <summary>Allocates everything on a device with weights of a seed; the teacher starts as a copy of the student.</summary>
    /// <param name="processes">Among which the batch of a step is dealt; null for this one alone. All hold the same state, to the bit.</param>
    /// <exception cref="UserException">The groups of the batch cannot be dealt to so many processes.</exception>
    public Pretraining(SearchSpace space, Method method, Device device, ScalarType computeType, long seed, ProcessGroup? processes = null)
    {
        method.CheckViews();
        (this.method, Deal) = (method, new(method.NormGroups, processes));
        studentViews = [.. Enumerable.Range(0, method.Views.Views.Count).Where(view => method.Views.Views[view].Roles.HasFlag(ViewRoles.Student))];
        targets = [.. method.Views.Terms.Select(term => term.Target).Distinct().Order()];
        Networks = method.Networks(space, device, computeType, trainable: true);
        Networks.StudentWeights.Initialize(seed);
        if (Networks.HasTeacher) Networks.TeacherWeights.CopyFrom(Networks.StudentWeights);
        if (Networks.Only is null) Networks.Student.PrecomputeSlices();
        Networks.Student.Processes = Networks.Teacher.Processes = Deal.NormProcesses;
        objective = method.Objective.Create(new(Networks.StudentHead, method.Views, Deal, device, seed + 1));
        watch = new(Networks.StudentHead.Dimension, device);
        Optimizer = method.Optimizer.Create(Networks.StudentWeights, Networks.StudentHead.Prototypes is { } late ? [late.Weight] : []);
    }

    public NetworkPair Networks { get; }

    public Optimizer Optimizer { get; }

    /// <summary>What of a step's batch this process computes.</summary>
    public BatchDeal Deal { get; }

    public StepCounts Counts => counts;

    /// <summary>The queues that the objective keeps between steps.</summary>
    public IReadOnlyList<(string Name, KeyQueue Queue)> Queues => objective.Queues;

    /// <summary>All tensors that decide how the training goes on, by the name that checkpoints give them.</summary>
    public IEnumerable<(string Name, Tensor Values)> State => Networks.State
        .Concat(Optimizer.State.SelectMany(state => Networks.StudentWeights.Slots.Select(slot => ($"{state.Name}.{slot.Key}", slot.ViewOf(state.Values)))))
        .Concat(Queues.Select(entry => (entry.Name, entry.Queue.Keys)))
        .Concat(objective.State)
        .Append((RecentName, watch.Recent));

    /// <summary>The same in as few tensors as they lie in.</summary>
    internal IEnumerable<Tensor> Buffers =>
    [
        Networks.StudentWeights.Values, .. Networks.HasTeacher ? [Networks.TeacherWeights.Values] : Array.Empty<Tensor>(), .. Optimizer.State.Select(state => state.Values),
        .. Queues.Select(entry => entry.Queue.Keys), .. objective.State.Select(state => state.Values), watch.Recent,
    ];

    /// <summary>Starts from given weights in the place of the seed's; the teacher is again a copy of the student. Heads keep what they have.</summary>
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

    /// <summary>One training step; of several processes, each gives its part of the batch, see <see cref="Deal"/>.</summary>
    /// <param name="views">Each view of the same images, [N, 3, S, S].</param>
    /// <param name="architectures">The students' architectures.</param>
    /// <param name="at">Where the run stands.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="foreign">By view, what a foreign teacher says of this process's images, where the objective has one.</param>
    /// <returns>The loss of each student over the whole batch, [students], on the device; the caller disposes it.</returns>
    public Tensor Step(ViewBatch views, IReadOnlyList<Architecture> architectures, RunPosition at, double rate, IReadOnlyList<ForeignOutput?>? foreign = null)
    {
        if (method.Objective.HasForeignTeacher != foreign is not null) throw new ArgumentException($"{method.Objective.Name} {(foreign is null ? "needs" : "has no")} foreign teacher", nameof(foreign));
        using var scope = NewDisposeScope();
        Networks.StudentWeights.ZeroGradients();
        objective.Begin();
        var assigned = objective.Assigned(foreign ?? []);
        var once = method.Rule == SandwichRule.Algorithm1;
        var losses = new List<Tensor>();
        if (once)
        {
            var remembered = Train(views, architectures, at, losses, assigned);
            Optimize(at, rate);
            UpdateTeacher(at);
            Remember(remembered, at);
        }
        else
        {
            foreach (var architecture in architectures)
            {
                UpdateTeacher(at);
                Remember(Train(views, [architecture], at, losses, assigned), at);
            }
            Optimize(at, rate);
        }
        if (foreign?.First(output => output is not null) is { } first) RememberForeign(first);
        var all = stack(losses);
        Deal.Processes?.AllReduce(all);
        return all.MoveToOuterDisposeScope();
    }

    /// <summary>Adds the gradients and losses of some students, and returns what the objective remembers of the step.</summary>
    private ViewOutput?[] Train(ViewBatch views, IReadOnlyList<Architecture> architectures, RunPosition at, List<Tensor> losses, IReadOnlyList<ForeignOutput?> foreign)
    {
        var teacher = Networks.HasTeacher ? TeacherForward(views) : new ViewOutput?[method.Views.Views.Count];
        var own = Backward(views, teacher, foreign, architectures, at, losses);
        return Networks.HasTeacher ? teacher : own;
    }

    /// <summary>
    /// Adds the students' gradients, group by group of neighbours; a student's graph of a group is freed before the next one's is built. A stem that several share
    /// runs once, and back once.
    /// </summary>
    /// <returns>The first student's z of each target, where there is no teacher.</returns>
    private ViewOutput?[] Backward(ViewBatch views, ViewOutput?[] teacher, IReadOnlyList<ForeignOutput?> foreign, IReadOnlyList<Architecture> architectures, RunPosition at, List<Tensor> losses)
    {
        counts = counts with { StudentForwards = counts.StudentForwards + architectures.Count };
        var sums = architectures.Select(_ => zeros([], device: Networks.StudentWeights.Device)).ToList();
        var firsts = new List<ViewOutput>[method.Views.Views.Count];
        foreach (var view in targets) firsts[view] = [];
        for (var group = 0; group < Deal.Parts; group++)
        {
            using var perGroup = NewDisposeScope();
            var (part, size) = (group, views.Student(studentViews[0]).shape[0] / Deal.Parts);
            var keys = Array.ConvertAll(teacher, output => output?.Rows((Deal.FirstPart + part) * size, size));
            ForeignOutput?[] said = [.. foreign.Select(output => output?.Rows(part * size, size))];
            foreach (var (widest, students) in Stems(architectures))
            {
                using var perStem = NewDisposeScope();
                var stems = Bundles(studentViews).Select(bundle =>
                {
                    var stem = Networks.Student.Stem(Together(bundle, view => views.Student(view).narrow(0, part * size, size)), widest);
                    return (Bundle: bundle, Output: stem, Gradient: zeros_like(stem.detach()));
                }).ToList();
                var ofStems = Networks.StudentWeights.SlicesUsed;
                foreach (var i in students)
                {
                    using var perStudent = NewDisposeScope();
                    var outputs = new ViewOutput?[teacher.Length];
                    var leaves = stems.ConvertAll(stem => Leaf(stem.Output, architectures[i]));
                    for (var k = 0; k < stems.Count; k++) Forward(leaves[k], architectures[i], stems[k].Bundle, outputs);
                    var loss = objective.Loss(new(method.Views.Terms, outputs, keys) { Foreign = said }, at) / Deal.PartsOfAll;
                    loss.backward();
                    Networks.StudentWeights.AddGradients(ofStems);
                    for (var k = 0; k < stems.Count; k++) Supernet.PartOfStem(stems[k].Gradient, architectures[i]).add_(leaves[k].grad!);
                    sums[i].add_(loss.detach());
                    if (i > 0 || Networks.HasTeacher) continue;
                    foreach (var view in targets) firsts[view].Add(new(outputs[view]!.Z.detach().MoveToOtherDisposeScope(sums[0])));
                }
                foreach (var stem in stems) stem.Output.backward([stem.Gradient]);
                Networks.StudentWeights.AddGradients();
            }
        }
        losses.AddRange(sums);
        return Array.ConvertAll(firsts, parts => parts is { Count: > 0 } ? ViewOutput.Join(parts, own => Deal.WholeOfQueries(cat(own, 0))) : null);
    }

    /// <summary>A student's channels of a stem's output, side by side in memory as its convolutions want them; its gradient then lies so too.</summary>
    private static Tensor Leaf(Tensor stem, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        var part = Supernet.PartOfStem(stem.detach(), architecture);
        return (part.dim() == 4 ? MemoryFormat.ChannelsLast(part) : part.contiguous()).requires_grad_().MoveToOuterDisposeScope();
    }

    /// <summary>What a student gives for the views of a bundle, from its stem's output.</summary>
    private void Forward(Tensor stem, Architecture architecture, int[] bundle, ViewOutput?[] outputs)
    {
        Share(objective.Student(Networks.StudentHead, Networks.Student.FromStem(stem, architecture)), bundle, outputs);
    }

    /// <summary>Views that go through a network together: those of equal size, where the method joins them; otherwise each by itself.</summary>
    private IEnumerable<int[]> Bundles(int[] views) =>
        method.Objective.JoinsViews ? views.GroupBy(view => method.Views.Views[view].Recipe.Size).Select(bundle => bundle.ToArray()) : views.Select(view => new[] { view });

    private static Tensor Together(int[] bundle, Func<int, Tensor> images) =>
        MemoryFormat.ChannelsLast(bundle.Length == 1 ? images(bundle[0]) : cat(bundle.Select(images).ToList(), 0));

    /// <summary>Gives each view of a bundle its rows.</summary>
    private static void Share(ViewOutput output, int[] bundle, ViewOutput?[] outputs)
    {
        var size = output.Z.shape[0] / bundle.Length;
        for (var i = 0; i < bundle.Length; i++) outputs[bundle[i]] = bundle.Length == 1 ? output : output.Rows(i * size, size);
    }

    /// <summary>The stems to run, and the students of each: Max's for all where theirs are slices of it.</summary>
    private IEnumerable<(Architecture Widest, int[] Students)> Stems(IReadOnlyList<Architecture> architectures)
    {
        var max = Networks.Largest;
        return Networks.Space.HasSharedStem && architectures.Contains(max)
            ? [(max, [.. Enumerable.Range(0, architectures.Count)])]
            : architectures.Select((architecture, i) => (architecture, new[] { i }));
    }

    /// <summary>The teacher's outputs for the targets of the whole batch, computed in groups that take every n-th image, so that no query shares its batch statistics with its key.</summary>
    private ViewOutput?[] TeacherForward(ViewBatch views)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        counts = counts with { TeacherForwards = counts.TeacherForwards + 1 };
        var groups = Deal.Parts;
        var outputs = new ViewOutput?[method.Views.Views.Count];
        foreach (var bundle in Bundles(targets))
        {
            var dealt = bundle.ToDictionary(view => view, view => views.Teacher(view) is var images ? images.view([images.shape[0] / groups, groups, .. images.shape[1..]]) : null!);
            var parts = Enumerable.Range(0, groups).Select(group =>
            {
                var part = new ViewOutput?[outputs.Length];
                Share(objective.Teacher(Networks.TeacherHead, Networks.Teacher.LastMap(Together(bundle, view => dealt[view].select(1, group)), Networks.Largest)), bundle, part);
                return part;
            }).ToList();
            foreach (var view in bundle) outputs[view] = ViewOutput.Join([.. parts.Select(part => part[view]!)], Whole).MoveToOuterDisposeScope();
        }
        return outputs;

        Tensor Whole(List<Tensor> ofGroups) => Deal.Whole(stack(ofGroups.ConvertAll(t => t.flatten(1)), dim: 1)).view([-1, .. ofGroups[0].shape[1..]]);
    }

    private void Optimize(RunPosition at, double rate)
    {
        Deal.Processes?.AllReduce(Networks.StudentWeights.Gradients);
        Optimizer.Step(new(rate, method.Optimizer.WeightDecayAt(at), at.Step, method.Objective.FrozenSteps(at.StepsPerEpoch)));
        counts = counts with { OptimizerSteps = counts.OptimizerSteps + 1 };
    }

    private void UpdateTeacher(RunPosition at)
    {
        if (!Networks.HasTeacher) return;
        using var grad = no_grad();
        var (teacher, student, momentum) = (Networks.TeacherWeights, Networks.StudentWeights, method.Objective.TeacherMomentumAt(at));
        foreach (var (start, count) in teacher.Stretches(0, teacher.Values.numel()))
        {
            using var slow = teacher.Values.narrow(0, start, count);
            using var fast = student.Values.narrow(0, start, count);
            FlatUpdate.Average(slow, fast, momentum);
        }
        teacher.Changed();
        counts = counts with { TeacherUpdates = counts.TeacherUpdates + 1 };
    }

    private void Remember(ViewOutput?[] outputs, RunPosition at)
    {
        using var grad = no_grad();
        var first = outputs[targets[0]]!;
        using (var distributions = objective.Distributions(first, at)) watch.Add(first.Z, distributions);
        objective.Remember(outputs, at);
        counts = counts with { Remembered = counts.Remembered + 1 };
    }

    private void RememberForeign(ForeignOutput own)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        objective.RememberForeign(Deal.WholeOfQueries(own.Z));
    }

    public void Dispose()
    {
        watch.Dispose();
        objective.Dispose();
        Optimizer.Dispose();
        Networks.Dispose();
    }
}
