using System.Text.Json;
using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using DataSsl.Tests;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Objectives;

/// <summary>
/// What PyTorch makes of five steps of every objective, on a supernet and on a single network, as <c>objectives.py</c> recorded it.
/// </summary>
public sealed class ObjectiveReference : IDisposable
{
    public const int Steps = 5;
    private readonly Recording recording = Recording.Of(
        "objectives", Cases.Select(row => (Name((string)row[0], (bool)row[1]), Settings(Method((string)row[0], (bool)row[1])))));

    /// <summary>Objectives, and whether as a single network.</summary>
    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (var name in TinyObjectives.All.Keys)
                foreach (var isFixed in new[] { false, true }) cases.Add(name, isFixed);
            return cases;
        }
    }

    public static Method Method(string name, bool isFixed) => isFixed ? TinyObjectives.Fixed(name) : TinyObjectives.All[name];

    /// <summary>Learning rates as the method's own code has them, falling as along a cosine.</summary>
    public static double Rate(Method method, int step) => (method.Optimizer.Kind == OptimizerKind.Lars ? 0.3 : 0.06) * (1 - 0.15 * step);

    /// <summary>What a run holds, by its name in checkpoints, but for the loss's watch.</summary>
    public static IEnumerable<(string Name, Tensor Values)> State(Pretraining model) =>
        model.State.Where(entry => entry.Name != Pretraining.RecentName).OrderBy(entry => entry.Name, StringComparer.Ordinal);

    /// <summary>Losses [students] of a step.</summary>
    public Tensor Losses(string name, bool isFixed, int step) => recording[$"{Name(name, isFixed)}/losses"].select(0, step);

    /// <summary>Sketches of the gradients, in the order of their names.</summary>
    public Tensor Gradients(string name, bool isFixed, int step) => recording[$"{Name(name, isFixed)}/{step}/gradient"];

    /// <summary>Sketches of what the step adds to the state, in the order of <see cref="State"/>.</summary>
    public Tensor Changes(string name, bool isFixed, int step) => recording[$"{Name(name, isFixed)}/{step}/change"];

    /// <summary>Gives a model the state that the step starts from.</summary>
    public static void Take(Pretraining model, string name, bool isFixed, int step)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var at = $"{Name(name, isFixed)}/{step}/";
        var frozen = step < Method(name, isFixed).Objective.FrozenSteps(TinyObjectives.At(step).StepsPerEpoch);
        foreach (var (key, values) in State(model))
        {
            var isStill = step == 0 || (frozen && key.StartsWith("momentum.prototypes.", StringComparison.Ordinal));
            values.copy_(key.Split('.')[0] switch
            {
                "student" or "teacher" => Seeded.Parameter(at + key, values.shape),
                "momentum" => Seeded.Uniform(at + key, values.shape, isStill ? 0 : 0.01),
                // Keys of about unit length, one a column; a centre about 0.
                _ => Seeded.Uniform(at + key, values.shape, values.dim() > 1 ? Math.Sqrt(3.0 / values.shape[0]) : 0.1),
            });
        }
    }

    /// <summary>The step's views: of those that the names give, the first that keep clear of every kink.</summary>
    public ViewBatch Views(string name, bool isFixed, int step)
    {
        using var scope = NewDisposeScope();
        var plan = Method(name, isFixed).Views;
        var attempt = recording[$"{Name(name, isFixed)}/attempts"][step].item<long>();
        return ViewBatch.Of(plan, [.. plan.Views.Select((view, v) =>
        {
            long[] shape = [TinyObjectives.Images, 3, view.Recipe.Size, view.Recipe.Size];
            return MemoryFormat.ChannelsLast(Seeded.Uniform($"{Name(name, isFixed)}/{step}/view{v}/{attempt}", shape, Math.Sqrt(3)))
                .DetachFromDisposeScope();
        })]);
    }

    /// <summary>What a foreign teacher says of the step's views, where the objective has one.</summary>
    public static IReadOnlyList<ForeignOutput?>? Foreign(string name, bool isFixed, int step)
    {
        var (method, at) = (Method(name, isFixed), $"{Name(name, isFixed)}/{step}/");
        return !method.Objective.HasForeignTeacher
            ? null
            : [.. method.Views.Views.Select((view, v) => !view.Roles.HasFlag(ViewRoles.Student) ? null : new ForeignOutput(
            nn.functional.normalize(Seeded.Uniform($"{at}foreign{v}", [TinyObjectives.Images, TinyTeacher.Length]), dim: 1),
            Seeded.Uniform($"{at}foreignMap{v}", [TinyObjectives.Images, 10, 3, 3])))];
    }

    public void Dispose() => recording.Dispose();

    private static string Name(string name, bool isFixed) => $"{name}{(isFixed ? "-fixed" : "")}";

    private static object Settings(Method method)
    {
        using var model = TinyModel.Create(method);
        return new
        {
            kind = method.Objective.Name,
            objective = JsonSerializer.SerializeToNode(
                method.Objective, method.Objective.GetType(),
                new JsonSerializerOptions
                {
                    PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
                    TypeInfoResolver = TrainOptionsJson.Options.TypeInfoResolver,
                }),
            optimizer = new
            {
                kind = method.Optimizer.Kind.ToString(),
                weightDecay = method.Optimizer.WeightDecay,
                finalWeightDecay = method.Optimizer.FinalWeightDecay,
                momentum = method.Optimizer.Momentum,
                decayVectors = method.Optimizer.DecayVectors,
            },
            plan = new
            {
                sizes = method.Views.Views.Select(view => view.Recipe.Size),
                students = Enumerable.Range(0, method.Views.Views.Count)
                    .Where(view => method.Views.Views[view].Roles.HasFlag(ViewRoles.Student)),
                terms = method.Views.Terms.Select(term => new { target = term.Target, prediction = term.Prediction, weight = term.Weight }),
            },
            run = new { steps = TinyObjectives.At(0).Steps, stepsPerEpoch = TinyObjectives.At(0).StepsPerEpoch },
            images = TinyObjectives.Images,
            teacherArchitecture = method.TeacherArchitecture.ToString(),
            largest = model.Networks.Largest.Choices.ToArray(),
            architectures = Enumerable.Range(0, Steps).Select(s => TinyModel.Architectures(method, s).Select(a => a.Choices.ToArray())),
            rates = Enumerable.Range(0, Steps).Select(step => Rate(method, step)),
            kept = State(model).Where(entry => !entry.Name.Contains('.', StringComparison.Ordinal))
                .ToDictionary(entry => entry.Name, entry => entry.Values.shape),
            teacher = model.Networks.HasTeacher ? model.Networks.TeacherWeights.Slots.Select(slot => slot.Key) : [],
            student = model.Networks.StudentWeights.Slots.ToDictionary(slot => slot.Key, slot => slot.Shape),
        };
    }
}
