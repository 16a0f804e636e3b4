using System.Text.Json;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Objectives;

/// <summary>What PyTorch makes of five steps of every objective, on a supernet and on a single network: one run of Python for all.</summary>
public sealed class ObjectiveReference : IDisposable
{
    public const int Steps = 5;
    private readonly Lazy<Dictionary<string, Dictionary<string, Tensor>>> all = new(Run);

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

    /// <summary>Losses [steps, students], and for each step S: its views <c>viewS.V</c>, <c>S.gradient.KEY</c>, and the state before it by its name in checkpoints, <c>S.student.KEY</c> and so on; the last S is after all.</summary>
    public Dictionary<string, Tensor> Of(string name, bool isFixed) => all.Value[Folder(name, isFixed)];

    /// <summary>What the objective keeps between steps.</summary>
    public static bool IsKept(string name) => !name.Contains('.', StringComparison.Ordinal) && name != Pretraining.RecentName;

    private static string Folder(string name, bool isFixed) => $"{name}{(isFixed ? "-fixed" : "")}";

    private static Dictionary<string, Dictionary<string, Tensor>> Run()
    {
        using var folder = new TemporaryFolder();
        foreach (var (name, isFixed) in Cases.Select(row => ((string)row[0], (bool)row[1])))
        {
            Directory.CreateDirectory(folder[Folder(name, isFixed)]);
            Write(Path.Combine(folder[Folder(name, isFixed)], "start.safetensors"), Method(name, isFixed));
        }
        Reference.Run("objectives_reference.py", folder.Path);
        return Directory.GetDirectories(folder.Path).ToDictionary(path => Path.GetFileName(path), path => SafeTensors.Read(Path.Combine(path, "expected.safetensors")).Tensors);
    }

    private static void Write(string path, Method method)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Create(method);
        var tensors = model.Networks.State.Concat(model.State.Where(entry => IsKept(entry.Name)).Select(entry => ($"kept.{entry.Name}", entry.Values))).ToList();
        for (var step = 0; step < Steps; step++)
        {
            var views = TinyObjectives.Views(method.Views, step);
            for (var view = 0; view < views.Length; view++) tensors.Add(($"view{step}.{view}", views[view]));
        }
        var json = new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
        SafeTensors.Write(path, tensors, new Dictionary<string, string>
        {
            ["kind"] = method.Objective.Name,
            ["objective"] = JsonSerializer.Serialize(method.Objective, method.Objective.GetType(), json),
            ["optimizer"] = JsonSerializer.Serialize(new
            {
                kind = method.Optimizer.Kind.ToString(),
                weightDecay = method.Optimizer.WeightDecay,
                finalWeightDecay = method.Optimizer.FinalWeightDecay,
                momentum = method.Optimizer.Momentum,
                decayVectors = method.Optimizer.DecayVectors,
            }),
            ["plan"] = JsonSerializer.Serialize(new
            {
                sizes = method.Views.Views.Select(view => view.Recipe.Size),
                students = Enumerable.Range(0, method.Views.Views.Count).Where(view => method.Views.Views[view].Roles.HasFlag(ViewRoles.Student)),
                terms = method.Views.Terms.Select(term => new { target = term.Target, prediction = term.Prediction, weight = term.Weight }),
            }),
            ["run"] = JsonSerializer.Serialize(new { steps = TinyObjectives.At(0).Steps, stepsPerEpoch = TinyObjectives.At(0).StepsPerEpoch }),
            ["largest"] = JsonSerializer.Serialize(model.Networks.Largest.Choices.ToArray()),
            ["architectures"] = JsonSerializer.Serialize(Enumerable.Range(0, Steps).Select(s => TinyModel.Architectures(method, s).Select(a => a.Choices.ToArray()))),
            ["rates"] = JsonSerializer.Serialize(Enumerable.Range(0, Steps).Select(step => Rate(method, step))),
        });
    }

    public void Dispose()
    {
        if (!all.IsValueCreated) return;
        foreach (var tensor in all.Value.Values.SelectMany(tensors => tensors.Values)) tensor.Dispose();
    }
}
