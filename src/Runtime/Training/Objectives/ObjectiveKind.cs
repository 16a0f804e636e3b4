using System.Numerics;
using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using DataSsl.Runtime.Optimizers;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>
/// What an objective is besides its loss: its name, its paper's settings, what of them can be asked for, and how they are brought to the
/// size of a run. The command line, recipes, plans and saved runs all read it here, so an objective is one file: a record of settings that
/// is <see cref="IDefined{T}"/>, an <see cref="Objective"/>, and an <see cref="ObjectiveAttribute{T}"/> that makes it known.
/// </summary>
public abstract class ObjectiveKind
{
    private static readonly Lazy<IReadOnlyList<ObjectiveKind>> s_all = new(() =>
    [
        .. AppDomain.CurrentDomain.GetAssemblies().Where(KnowsObjectives)
            .SelectMany(assembly => assembly.GetCustomAttributes<ObjectiveAttribute>()).Select(objective => objective.Kind)
            .OrderBy(kind => kind.Name, StringComparer.Ordinal),
    ]);

    private protected ObjectiveKind(string name, Type options) => (Name, Options) = (name, options);

    /// <summary>Those of this library and of every loaded assembly that refers to it, by name.</summary>
    public static IReadOnlyList<ObjectiveKind> All => s_all.Value;

    /// <summary>The name on the command line and in files.</summary>
    public string Name { get; }

    /// <summary>The record of its settings.</summary>
    public Type Options { get; }

    /// <summary>What can be asked for.</summary>
    public abstract IReadOnlyList<Knob> Knobs { get; }

    /// <summary>The kind of a name.</summary>
    /// <exception cref="UserException">No objective has it.</exception>
    public static ObjectiveKind Named(string name) =>
        All.FirstOrDefault(kind => kind.Name == name)
            ?? throw new UserException($"--objective {name}: give {string.Join(", ", All.Select(kind => kind.Name))}");

    /// <summary>The paper's settings, brought to the size of a run.</summary>
    public abstract ObjectiveOptions For(ObjectiveDefaults run);

    /// <summary>The optimizer, the learning rate at the start and the end of the cosine, and the epochs of warm-up.</summary>
    public abstract (OptimizerOptions Optimizer, double Rate, double FinalRate,
        double WarmupEpochs) OptimizerFor(ObjectiveOptions options, ObjectiveDefaults run);

    /// <summary>The settings by what they are asked for with.</summary>
    public abstract IReadOnlyList<(Knob Knob, IFormattable Value)> Values(ObjectiveOptions options);

    /// <summary>The settings with what is asked for in the place of what they have.</summary>
    /// <param name="options">Settings of this kind.</param>
    /// <param name="asked">An <see cref="int"/> or <see cref="double"/>, as the knob's; null for what is not asked for.</param>
    public abstract ObjectiveOptions With(ObjectiveOptions options, Func<Knob, object?> asked);

    /// <summary>The first setting that is out of its bounds as <c>option value: mend</c>; null where none is.</summary>
    public abstract string? FirstProblem(ObjectiveOptions options);

    /// <summary>Lets a serializer tell the settings of each kind from the others' by a property <c>kind</c>.</summary>
    internal static void Tell(JsonTypeInfo type)
    {
        if (type.Type != typeof(ObjectiveOptions)) return;
        type.PolymorphismOptions = new() { TypeDiscriminatorPropertyName = "kind" };
        foreach (var kind in All) type.PolymorphismOptions.DerivedTypes.Add(new(kind.Options, kind.Name));
    }

    private static bool KnowsObjectives(Assembly assembly)
    {
        var own = typeof(ObjectiveKind).Assembly;
        return assembly == own || !assembly.IsDynamic && assembly.GetReferencedAssemblies().Any(name => name.Name == own.GetName().Name);
    }
}

/// <summary>The kind of one record of settings.</summary>
/// <param name="name">See <see cref="ObjectiveKind.Name"/>.</param>
/// <param name="paper">The paper's settings, for a run where they depend on it.</param>
public sealed class ObjectiveKind<T>(string name, Func<ObjectiveDefaults, T> paper)
    : ObjectiveKind(name, typeof(T)) where T : ObjectiveOptions
{
    private readonly List<Setting> settings = [];

    /// <summary>Brings the paper's settings to the size of a run.</summary>
    public required Func<T, ObjectiveDefaults, T> Defaults { get; init; }

    /// <summary>See <see cref="ObjectiveKind.OptimizerFor"/>.</summary>
    public required Func<T, ObjectiveDefaults, (OptimizerOptions Optimizer, double Rate, double FinalRate, double WarmupEpochs)> Optimizer
    {
        get;
        init;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Knob> Knobs => [.. settings.Select(setting => setting.Knob)];

    /// <summary>Adds what can be asked for.</summary>
    /// <param name="bounds">What it can be here, where that is less than the knob's.</param>
    /// <param name="when">With which other settings it says anything; null for all.</param>
    public ObjectiveKind<T> Takes<V>(
        Knob<V> knob, Func<T, V> get, Func<T, V, T> set, Bounds<V>? bounds = null,
        Func<T, bool>? when = null) where V : struct, INumber<V>, IMinMaxValue<V>
    {
        settings.Add(
            new(
                knob, options => get(options), (options, value) => set(options, (V)value),
                options => (bounds ?? knob.Bounds).Problem(knob.Name, get(options)), when ?? (_ => true)));
        return this;
    }

    /// <inheritdoc/>
    public override ObjectiveOptions For(ObjectiveDefaults run) => Defaults(paper(run), run);

    /// <inheritdoc/>
    public override (OptimizerOptions Optimizer, double Rate, double FinalRate,
        double WarmupEpochs) OptimizerFor(ObjectiveOptions options, ObjectiveDefaults run) =>
        Optimizer((T)options, run);

    /// <inheritdoc/>
    public override IReadOnlyList<(Knob Knob, IFormattable Value)> Values(ObjectiveOptions options) =>
        [.. settings.Where(setting => setting.When((T)options)).Select(setting => (setting.Knob, setting.Get((T)options)))];

    /// <inheritdoc/>
    public override ObjectiveOptions With(ObjectiveOptions options, Func<Knob, object?> asked) =>
        settings.Aggregate((T)options, (o, setting) => asked(setting.Knob) is { } value ? setting.Set(o, value) : o);

    /// <inheritdoc/>
    public override string? FirstProblem(ObjectiveOptions options) =>
        settings.Select(setting => setting.Problem((T)options)).FirstOrDefault(problem => problem is not null);

    private sealed record Setting(
        Knob Knob, Func<T, IFormattable> Get, Func<T, object, T> Set, Func<T, string?> Problem, Func<T, bool> When);
}

/// <summary>Settings of an objective that say of themselves what is known of it.</summary>
/// <typeparam name="T">The record itself.</typeparam>
public interface IDefined<T> where T : ObjectiveOptions
{
    /// <summary>The name, the settings, and how they are asked for and brought to the size of a run.</summary>
    static abstract ObjectiveKind<T> Definition { get; }
}

/// <summary>
/// Says of an assembly that it has an objective. Types are not looked through for them, which would take as long as the rest of the
/// program's start.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public abstract class ObjectiveAttribute : Attribute
{
    internal abstract ObjectiveKind Kind { get; }
}

/// <summary>That of one record of settings: <c>[assembly: Objective&lt;MoCoOptions&gt;]</c>.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class ObjectiveAttribute<T> : ObjectiveAttribute where T : ObjectiveOptions, IDefined<T>
{
    internal override ObjectiveKind Kind => T.Definition;
}
