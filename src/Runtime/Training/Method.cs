using System.Text.Json.Serialization;
using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training.Architectures;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>How a network learns: all that decides what a training step does.</summary>
/// <param name="Objective">What is compared with what.</param>
/// <param name="Optimizer">How gradients become updates.</param>
/// <param name="Views">What is made of each image.</param>
/// <param name="Rule">Which architectures train in a step, and how often the teacher moves.</param>
/// <param name="NormGroups">
/// Groups of the batch with batch statistics of their own: MoCo's shuffled BatchNorm, with groups in the place of devices. In one group a
/// query could recognise its key by the statistics that they share.
/// </param>
/// <param name="Architecture">The one architecture that trains, as canonical text; null for the whole supernet.</param>
/// <param name="MaxFirst">Share of a supernet's steps, from the first on, that train Max alone: the subnets then join beside a teacher that
/// has learnt, as in progressive shrinking (Cai et al. 2020).</param>
/// <param name="DropPath">Share of images that the branches of a student's last block are left out for, see
/// <see cref="Supernets.DropPath"/>; 0 for none.</param>
/// <param name="TeacherArchitecture">Which network of a supernet the momentum encoder runs as.</param>
/// <param name="Draws">How the random subnets of a step are drawn.</param>
/// <param name="Learning">How the architecture is learnt together with the weights; null where it is not.</param>
public sealed record Method(
    ObjectiveOptions Objective, OptimizerOptions Optimizer, ViewPlan Views, SandwichRule Rule = SandwichRule.Algorithm1, int NormGroups = 1,
    string? Architecture = null,
    double MaxFirst = 0, double DropPath = 0, TeacherArchitecture TeacherArchitecture = TeacherArchitecture.Fixed,
    SubnetDraws Draws = SubnetDraws.Uniform,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] LearningOptions? Learning = null)
{
    /// <summary>Refuses a network that cannot learn so.</summary>
    /// <exception cref="UserException">Its blocks have no branches that could be left out, and some shall be.</exception>
    public void CheckNetwork(SearchSpace space)
    {
        if (DropPath > 0 && !space.HasDropPath)
            throw new UserException(
                FormattableString.Invariant($"--drop-path {DropPath}: goes with transformers, and {space.Name} is a {space.Family}"));
    }

    /// <summary>Refuses views that the objective can make no loss of.</summary>
    /// <exception cref="UserException">The plan is impossible, or a target is not seen by whom the objective takes targets
    /// from.</exception>
    public void CheckViews()
    {
        Views.Check();
        if (Views.Terms.FirstOrDefault(term => term.Target == term.Prediction) is { } same
            && Objective is not DistillOptions { Beside: null })
            throw new UserException(
                $"view plan {Views.Name}: {Objective.Name} compares a view with another, and a term compares '{Views.Views[same.Target].Name}' with itself");
        var source = Objective.HasTeacher ? ViewRoles.Teacher : ViewRoles.Student;
        foreach (var view in Views.Terms.Select(term => Views.Views[term.Target]))
            if (!view.Roles.HasFlag(source))
                throw new UserException(
                    $"view plan {Views.Name}: {Objective.Name} takes its targets from the {source.ToString().ToLowerInvariant()}, which does not see view '{view.Name}'");
    }

    /// <summary>The same for one architecture, whose teacher is like it: without all that is of supernets alone.</summary>
    public Method OfOne(Architecture architecture) =>
        new(Objective, Optimizer, Views, NormGroups: NormGroups, Architecture: architecture.ToString(), DropPath: DropPath);

    /// <summary>The architecture that there are weights for; null for all.</summary>
    public Architecture? Only(SearchSpace space) => Architecture is null ? null : space.Parse(Architecture);

    /// <summary>The architecture that is asked for of a run; Max, or the only one there is, where none is.</summary>
    /// <param name="space">The run's space.</param>
    /// <param name="asked">As text; null for none.</param>
    /// <param name="path">The run's checkpoint.</param>
    /// <exception cref="UserException">It is no architecture, or the run has no weights for it.</exception>
    public Architecture Choose(SearchSpace space, string? asked, string path)
    {
        var chosen = asked is null ? Only(space) ?? space.Max : space.Parse(asked);
        return Only(space) is { } only && !chosen.Equals(only)
            ? throw new UserException($"--arch {asked}: {path} holds {only} alone; leave --arch out")
            : chosen;
    }

    /// <summary>The architectures of a step, Max first: a pure function of seed and step, and of whatever draws look at.</summary>
    /// <param name="draw">Draws a subnet; null for uniform draws. Darts draws none, as its second student is a mixture of them
    /// all.</param>
    public Architecture[] Students(SearchSpace space, ulong seed, RunPosition at, SubnetDraw? draw = null) =>
        Only(space) is { } only ? [only]
        : at.Step < StepsOfMaxAlone(at.Steps) || Learning is { Rule: LearningRule.Darts } ? [space.Max]
        : Sandwich.Draw(space, Rule, seed, at.Step, draw);

    /// <summary>Whether the mixture of darts is a student of a step.</summary>
    internal bool Mixes(RunPosition at) => Learning is { Rule: LearningRule.Darts } && at.Step >= StepsOfMaxAlone(at.Steps);

    /// <summary>Steps of a run that train Max alone.</summary>
    public long StepsOfMaxAlone(long steps) => Architecture is null ? (long)(MaxFirst * steps) : 0;

    /// <summary>The optimizer's step where a run stands, at a learning rate.</summary>
    public OptimizerStep UpdateAt(RunPosition at, double rate) =>
        new(rate, Optimizer.WeightDecayAt(at), at.Step, Objective.FrozenSteps(at.StepsPerEpoch));

    /// <summary>
    /// MACs of a training step for each image, as the mean over a fixed draw of steps, uniform whatever <see cref="Draws"/> says: of the
    /// teacher one forward pass of each target, of the students one of each view and a backward pass at twice its cost. What learns an
    /// architecture adds its share of a step.
    /// </summary>
    public long MacsPerImage(SearchSpace space, ulong seed)
    {
        const int draws = 100;
        var positions = Enumerable.Range(0, draws).Select(step => new RunPosition(step, draws, draws)).ToList();
        // A mixture is computed by the largest network.
        var students = positions.SelectMany(at => Students(space, seed, at)).ToList();
        students.AddRange(positions.Where(Mixes).Select(_ => space.Max));
        var teachers = !Objective.HasTeacher ? []
            : TeacherArchitecture == TeacherArchitecture.Student
            ? students
            : Enumerable.Repeat(Only(space) ?? space.Max, draws * (Rule == SandwichRule.Released ? 3 : 1)).ToList();
        var targets = Views.Terms.Select(term => term.Target).ToHashSet();
        var updates = Learning is { } learning ? (1 - learning.Warmup) / learning.Every : 0;
        var looks = Learning is { Order: 2 } ? 2 : 1;
        return Views.Views.Select((view, i) =>
        {
            var (ofStudents, ofTeacher) = (view.Roles.HasFlag(ViewRoles.Student) ? 1 : 0, targets.Contains(i) ? 1 : 0);
            var max = (double)space.Macs(Only(space) ?? space.Max, view.Recipe.Size);
            return (long)(ofStudents * 3.0 / draws * Macs(students, view) + ofTeacher * 1.0 / draws * Macs(teachers, view)
                + updates * (ofStudents * Judging(max, Macs(students, view) / students.Count)
                    + ofTeacher * Math.Min(1, teachers.Count) * looks * max));
        }).Sum();

        double Macs(List<Architecture> networks, PlannedView view) => networks.Sum(a => (double)space.Macs(a, view.Recipe.Size));

        // Paths are judged by their losses alone. Order 2 has three gradients of a step of the weights beside that of the mixture.
        double Judging(double max, double mean) => Learning switch
        {
            { Rule: LearningRule.Proxyless } own => own.Paths * mean,
            { Order: 2 } => 21 * max,
            _ => 3 * max,
        };
    }

    /// <summary>The networks that this method trains, all weights zero.</summary>
    public NetworkPair Networks(SearchSpace space, Device device, ScalarType computeType, bool trainable) =>
        new(space, Objective.Heads(), Objective.HasTeacher, device, computeType, trainable, Only(space));
}

/// <summary>Which network of a supernet the momentum encoder runs as (DATA, Table 8).</summary>
public enum TeacherArchitecture
{
    /// <summary>Max, whatever the student is: what all students learn from is the same, and computed once a step.</summary>
    Fixed,

    /// <summary>
    /// The student's own: each learns from a teacher like it, which runs once for each of them. What is remembered of a step is that of
    /// the first student, Max.
    /// </summary>
    Student,
}

/// <summary>Which architectures a step trains.</summary>
public enum SandwichRule
{
    /// <summary>DATA, Algorithm 1: Max and two random; one teacher forward, one momentum update after the optimizer, one enqueue.</summary>
    Algorithm1,

    /// <summary>
    /// The released code: Max, Min and one random, each with its own momentum update, teacher forward and enqueue before it.
    /// </summary>
    Released,

    /// <summary>
    /// One student, as in single path one-shot search (Guo et al. 2020), and otherwise as Algorithm 1: Max in every fourth step, a random
    /// subnet in the others. A step costs a third to a half, so that a run of equal time sees 1.6 to 2.5 times the images: where runs are
    /// short that is worth more than three gradients of the same images (docs/results.md).
    /// </summary>
    Single,
}

/// <summary>Draws a subnet of a space.</summary>
public delegate Architecture SubnetDraw(ref CounterRandom random);

/// <summary>Draws the students of a step.</summary>
public static class Sandwich
{
    /// <summary>Of so many steps with one student, Max has the first.</summary>
    private const int StepsForMax = 4;

    /// <summary>The <see cref="ObjectiveDefaults.Shortness"/> from which on a run is short: up to 3.2 million images seen.</summary>
    private const double Short = 4;

    /// <summary>
    /// One student a step under a foreign teacher, whose targets no step has to make, and in short runs; otherwise the paper's. It was
    /// chosen on validation images of two sets (docs/results.md, "How many students a step?").
    /// </summary>
    /// <param name="run">How long the run is.</param>
    /// <param name="hasLearnt">Whether its teacher has learnt already, and is alone.</param>
    public static SandwichRule Rule(ObjectiveDefaults run, bool hasLearnt) =>
        hasLearnt || run.Shortness >= Short ? SandwichRule.Single : SandwichRule.Algorithm1;

    /// <summary>
    /// Half of a short run's steps train Max alone: subnets that join beside a teacher that has learnt are better for it at equal work, and
    /// so is Max. It was chosen on validation images of two sets at 900 to 1,600 steps of moco-v2; a run of the paper's length is the
    /// paper's. The released rule stays as released.
    /// </summary>
    public static double MaxFirst(SandwichRule rule, ObjectiveDefaults run) =>
        rule != SandwichRule.Released ? Math.Round((Math.Min(run.Shortness, Short) - 1) / (2 * (Short - 1)), 3) : 0;

    /// <summary>
    /// The architectures of a step, Max first where it is one: of uniform draws a pure function of seed and step, the same on every device.
    /// </summary>
    public static Architecture[] Draw(SearchSpace space, SandwichRule rule, ulong seed, long step, SubnetDraw? draw = null)
    {
        draw ??= space.Sample;
        var random = CounterRandom.For(seed, "architectures", step);
        return rule switch
        {
            SandwichRule.Algorithm1 => [space.Max, draw(ref random), draw(ref random)],
            SandwichRule.Released => [space.Max, space.Min, draw(ref random)],
            _ => [step % StepsForMax == 0 ? space.Max : draw(ref random)],
        };
    }
}
