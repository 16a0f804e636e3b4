using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>
/// How the batch of a step goes through the networks: in groups with BatchNorm statistics of their own, views of equal size together, and
/// through a stem that several students share once.
/// </summary>
internal sealed class Passes(NetworkPair networks, Method method, Objective objective, BatchDeal deal, ulong seed)
{
    private readonly IReadOnlyList<PlannedView> plan = method.Views.Views;
    private readonly int[] studentViews =
    [
        .. Enumerable.Range(0, method.Views.Views.Count).Where(view => method.Views.Views[view].Roles.HasFlag(ViewRoles.Student)),
    ];
    private readonly int[] targets = [.. method.Views.Terms.Select(term => term.Target).Distinct().Order()];

    /// <summary>How often the teacher has run.</summary>
    public int TeacherForwards { get; private set; }

    /// <summary>How often a student has.</summary>
    public int StudentForwards { get; private set; }

    /// <summary>
    /// The teacher's outputs for the targets of the whole batch, by view; null where there is no teacher. They are computed in groups that
    /// take every n-th image, so that no query shares its batch statistics with its key.
    /// </summary>
    /// <param name="architecture">The teacher's.</param>
    public ViewOutput?[]? Teacher(ViewBatch views, Architecture architecture)
    {
        if (!networks.HasTeacher) return null;
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        TeacherForwards++;
        var groups = deal.Parts;
        var outputs = new ViewOutput?[plan.Count];
        foreach (var bundle in Bundles(targets))
        {
            var dealt = bundle.ToDictionary(
                view => view,
                view => views.Teacher(view) is var images ? images.view([images.shape[0] / groups, groups, .. images.shape[1..]]) : null!);
            var parts = Enumerable.Range(0, groups).Select(group =>
            {
                var part = new ViewOutput?[outputs.Length];
                Share(
                    objective.Teacher(
                        networks.TeacherHead,
                        networks.Teacher.LastMap(Together(bundle, view => dealt[view].select(1, group)), architecture)),
                    bundle, part);
                return part;
            }).ToList();
            foreach (var view in bundle)
                outputs[view] = ViewOutput.Join([.. parts.Select(part => part[view]!)], Whole).MoveToOuterDisposeScope();
        }
        return outputs;

        Tensor Whole(List<Tensor> ofGroups) =>
            deal.Whole(stack(ofGroups.ConvertAll(t => t.flatten(1)), dim: 1)).view([-1, .. ofGroups[0].shape[1..]]);
    }

    /// <summary>
    /// Adds the gradients of some students, group by group of neighbours; a student's graph of a group is freed before the next one's is
    /// built. A stem that several share runs once, and back once.
    /// </summary>
    /// <param name="teacher">Of <see cref="Teacher"/>.</param>
    /// <param name="foreign">What a foreign teacher says of this process's images.</param>
    /// <param name="losses">Takes the loss of each student.</param>
    /// <returns>The first student's z of each target, where there is no teacher.</returns>
    public ViewOutput?[] Students(
        ViewBatch views, IReadOnlyList<Architecture> architectures, ViewOutput?[]? teacher, IReadOnlyList<ForeignOutput?> foreign,
        RunPosition at, List<Tensor> losses)
    {
        StudentForwards += architectures.Count;
        var before = losses.Count;
        var sums = architectures.Select(_ => zeros([], device: networks.StudentWeights.Device)).ToList();
        var firsts = new List<ViewOutput>[plan.Count];
        foreach (var view in targets) firsts[view] = [];
        for (var group = 0; group < deal.Parts; group++)
        {
            using var perGroup = NewDisposeScope();
            var (part, size) = (group, views.Student(studentViews[0]).shape[0] / deal.Parts);
            foreach (var (widest, students) in Stems(architectures))
            {
                using var perStem = NewDisposeScope();
                var stems = Bundles(studentViews).Select(bundle =>
                {
                    var stem = networks.Student.Stem(Together(bundle, view => views.Student(view).narrow(0, part * size, size)), widest);
                    return (Bundle: bundle, Output: stem, Gradient: zeros_like(stem.detach()));
                }).ToList();
                foreach (var i in students)
                {
                    using var perStudent = NewDisposeScope();
                    var outputs = new ViewOutput?[plan.Count];
                    var leaves = stems.ConvertAll(stem => Leaf(stem.Output, architectures[i]));
                    for (var k = 0; k < stems.Count; k++)
                    {
                        var dropped = Dropped(before + i, stems[k].Bundle, deal.FirstPart + part, size, at);
                        var map = FromStem(leaves[k], architectures[i], dropped);
                        Share(objective.Student(networks.StudentHead, map), stems[k].Bundle, outputs);
                    }
                    var loss = Loss(outputs, teacher, foreign, part, size, at);
                    loss.backward();
                    for (var k = 0; k < stems.Count; k++) Supernet.PartOfStem(stems[k].Gradient, architectures[i]).add_(leaves[k].grad!);
                    sums[i].add_(loss.detach());
                    if (i > 0 || networks.HasTeacher) continue;
                    foreach (var view in targets) firsts[view].Add(new(outputs[view]!.Z.detach().MoveToOtherDisposeScope(sums[0])));
                }
                foreach (var stem in stems) stem.Output.backward([stem.Gradient]);
            }
        }
        losses.AddRange(sums);
        return Array.ConvertAll(
            firsts, parts => parts is { Count: > 0 } ? ViewOutput.Join(parts, own => deal.WholeOfQueries(cat(own, 0))) : null);
    }

    /// <summary>
    /// The largest network as a mixture of all, as a student: its gradients by the weights are added, and those by the probabilities stay
    /// with the mixture.
    /// </summary>
    /// <inheritdoc cref="Students"/>
    public void Mixture(
        Relaxation mixture, ViewBatch views, ViewOutput?[]? teacher, IReadOnlyList<ForeignOutput?> foreign, RunPosition at,
        List<Tensor> losses)
    {
        networks.Student.Relaxation = mixture;
        try
        {
            Students(views, [networks.Largest], teacher, foreign, at, losses);
        }
        finally
        {
            networks.Student.Relaxation = null;
        }
    }

    /// <summary>The losses of some students alone, each a scalar on the device.</summary>
    /// <inheritdoc cref="Students"/>
    public List<Tensor> Losses(
        ViewBatch views, IReadOnlyList<Architecture> architectures, ViewOutput?[]? teacher, IReadOnlyList<ForeignOutput?> foreign,
        RunPosition at)
    {
        using var grad = no_grad();
        var sums = architectures.Select(_ => zeros([], device: networks.StudentWeights.Device)).ToList();
        for (var part = 0; part < deal.Parts; part++)
        {
            var size = views.Student(studentViews[0]).shape[0] / deal.Parts;
            for (var i = 0; i < architectures.Count; i++)
            {
                using var perStudent = NewDisposeScope();
                var outputs = new ViewOutput?[plan.Count];
                foreach (var bundle in Bundles(studentViews))
                    Share(
                        objective.Student(
                            networks.StudentHead,
                            networks.Student.LastMap(
                                Together(bundle, view => views.Student(view).narrow(0, part * size, size)), architectures[i])),
                        bundle, outputs);
                sums[i].add_(Loss(outputs, teacher, foreign, part, size, at));
            }
        }
        return sums;
    }

    /// <summary>A student's loss on a part of this process's batch, a share of the loss of the whole.</summary>
    private Tensor Loss(
        ViewOutput?[] outputs, ViewOutput?[]? teacher, IReadOnlyList<ForeignOutput?> foreign, int part, long size, RunPosition at)
    {
        var keys = teacher is null
            ? new ViewOutput?[plan.Count]
            : Array.ConvertAll(teacher, output => output?.Rows((deal.FirstPart + part) * size, size));
        ForeignOutput?[] said = [.. foreign.Select(output => output?.Rows(part * size, size))];
        return objective.Loss(new(method.Views.Terms, outputs, keys) { Foreign = said }, at) / deal.PartsOfAll;
    }

    /// <summary>
    /// What a student leaves out of a part's views: a pure function of seed, step, student and view, the same whatever the parts are.
    /// </summary>
    /// <param name="student">Its number among all of the step.</param>
    private DropPath? Dropped(int student, int[] bundle, int part, long size, RunPosition at) => method.DropPath == 0 ? null
        : new(
            method.DropPath, Array.ConvertAll(bundle, view => CounterRandom.For(seed, "drop path", at.Step, student, view)),
            (int)size * deal.PartsOfAll, part * (int)size, (int)size);

    private Tensor FromStem(Tensor stem, Architecture architecture, DropPath? dropped)
    {
        networks.Student.Dropped = dropped;
        try
        {
            return networks.Student.FromStem(stem, architecture);
        }
        finally
        {
            networks.Student.Dropped = null;
        }
    }

    /// <summary>
    /// A student's channels of a stem's output, side by side in memory as its convolutions want them; its gradient then lies so too.
    /// </summary>
    private static Tensor Leaf(Tensor stem, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        var part = Supernet.PartOfStem(stem.detach(), architecture);
        return (part.dim() == 4 ? MemoryFormat.ChannelsLast(part) : part.contiguous()).requires_grad_().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Views that go through a network together: those of equal size, where the method joins them; otherwise each by itself.
    /// </summary>
    private IEnumerable<int[]> Bundles(int[] views) =>
        method.Objective.JoinsViews
            ? views.GroupBy(view => plan[view].Recipe.Size).Select(bundle => bundle.ToArray())
            : views.Select(view => new[] { view });

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
        var max = networks.Largest;
        return networks.Space.HasSharedStem && architectures.Contains(max)
            ? [(max, [.. Enumerable.Range(0, architectures.Count)])]
            : architectures.Select((architecture, i) => (architecture, new[] { i }));
    }
}
