using System.Globalization;
using System.Text;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Architectures;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;

namespace DataSsl.Jobs.Recipes;

/// <summary>
/// Writes a run's configuration as the recipe that gives it again, every default resolved: what a run keeps beside its checkpoints.
/// </summary>
internal static class RecipeText
{
    public const string FileName = "run.recipe.yaml";

    /// <summary>Whose mean and deviation images are normalised by.</summary>
    public const string ByImageNet = "imagenet", ByData = "data";

    /// <summary>The whole file.</summary>
    public static string Of(TrainOptions options)
    {
        var text = new StringBuilder();
        foreach (var (name, entries) in Sections(options))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}:\n");
            foreach (var (key, value) in entries.Where(entry => entry.Value is not null))
                text.Append(CultureInfo.InvariantCulture, $"  {key}: {(key is "path" or "from" or "network" ? Quoted(value!) : value)}\n");
            if (name == "objective") Views(options.Method.Views);
        }
        return text.ToString();

        void Views(ViewPlan plan)
        {
            if (ViewPlan.Names.Contains(plan.Name) && ViewPlan.Named(plan.Name, options.Size) == plan)
                text.Append(CultureInfo.InvariantCulture, $"views: {plan.Name}\n");
            else Write(plan);
        }

        void Write(ViewPlan plan)
        {
            text.Append(CultureInfo.InvariantCulture, $"views:\n  name: {Quoted(plan.Name)}\n  crops:\n");
            foreach (var view in plan.Views) Crop(view);
            text.Append("  pairs:\n");
            foreach (var term in plan.Terms)
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"    - {{ target: {Quoted(plan.Views[term.Target].Name)}, prediction: {Quoted(plan.Views[term.Prediction].Name)}, weight: {Wording.Number(term.Weight)} }}\n");
        }

        void Crop(PlannedView view)
        {
            var r = view.Recipe;
            var roles = string.Join(
                ", ",
                new[] { ViewRoles.Student, ViewRoles.Teacher }.Where(role => view.Roles.HasFlag(role))
                    .Select(role => role.ToString().ToLowerInvariant()));
            text.Append(
                CultureInfo.InvariantCulture,
                $"    - name: {Quoted(view.Name)}\n      size: {r.Size}\n      seen-by: [{roles}]\n      area: {Range(r.Area)}\n      aspect: {Range(r.Aspect)}\n");
            text.Append(
                CultureInfo.InvariantCulture,
                $"      interpolation: {(r.Interpolation == Interpolation.Bicubic ? "bicubic" : "bilinear")}\n      flip: {Wording.Number(r.FlipChance)}\n");
            text.Append(
                CultureInfo.InvariantCulture,
                $"      jitter: {{ chance: {Wording.Number(r.JitterChance)}, brightness: {Wording.Number(r.Brightness)}, contrast: {Wording.Number(r.Contrast)}, saturation: {Wording.Number(r.Saturation)}, hue: {Wording.Number(r.Hue)} }}\n");
            text.Append(
                CultureInfo.InvariantCulture,
                $"      gray: {Wording.Number(r.GrayChance)}\n      blur: {{ chance: {Wording.Number(r.BlurChance)}, sigma: {Range(r.BlurSigma)} }}\n      solarize: {Wording.Number(r.SolarizeChance)}\n");
        }
    }

    /// <summary>The same, views aside, as options of the command line.</summary>
    public static IEnumerable<(string Option, string Value)> Values(TrainOptions options) =>
        from section in Sections(options)
        from entry in section.Entries
        where entry.Value is not null
        select (RecipeSections.OptionOf(section.Name, entry.Key), entry.Value);

    private static IEnumerable<(string Name, IReadOnlyList<(string Key, string? Value)> Entries)> Sections(TrainOptions options)
    {
        var method = options.Method;
        yield return ("network",
            [
                ("space", options.Space), ("arch", method.Architecture),
                ("rule", method.Architecture is null ? method.Rule.ToString() : null),
                ("max-first", method.Architecture is null ? Wording.Number(method.MaxFirst) : null),
                ("draws", method.Architecture is null ? method.Draws.ToString() : null),
                ("teacher-architecture", method.Architecture is null ? method.TeacherArchitecture.ToString() : null),
                ("drop-path", Wording.Number(method.DropPath)), ("compute", options.Compute.Word()),
                ("from", options.From?.Weights),
            ]);
        yield return ("objective",
            [
                ("name", method.Objective is DistillOptions { Beside: { } own } ? own.Name : method.Objective.Name),
                .. method.Objective.Values().Select(v => (v.Knob.Name, (string?)Wording.Number(v.Value))),
                ("norm-groups", Wording.Number(method.NormGroups)),
            ]);
        if (options.Teacher is not null) yield return ("teacher", Teacher(options));
        if (method.Learning is { } learning) yield return ("architecture", Learning(learning));
        yield return ("optimizer",
        [
            ("name", method.Optimizer.Kind.ToString().ToLowerInvariant()), ("rate", Wording.Number(options.Rate)),
            ("final-rate", Wording.Number(options.FinalRate)), ("warmup", Wording.Number(options.WarmupEpochs)),
            ("warmup-rate", Wording.Number(options.WarmupRate)),
            // A decay that changes over the run is the objective's own; as an option it would be one that does not.
            ("weight-decay", method.Optimizer.FinalWeightDecay is null ? Wording.Number(method.Optimizer.WeightDecay) : null),
            ("clip", Wording.Number(method.Optimizer.Clip)),
        ]);
        yield return ("data",
            [
                ("path", options.Data), ("size", Wording.Number(options.Size)),
                ("normalise", options.Pixels.IsByImageNet ? ByImageNet : ByData),
                ("depth", Wording.Number(options.Pixels.Format.Bits)),
                .. TileWords.Values(options.Tiles).Select(value => (value.Option[2..], (string?)value.Value)),
            ]);
        yield return ("schedule",
            [("epochs", Wording.Number(options.Epochs)), ("batch", Wording.Number(options.Batch)), ("seed", Wording.Number(options.Seed))]);
    }

    /// <summary>The teacher of a run.</summary>
    private static IReadOnlyList<(string Key, string? Value)> Teacher(TrainOptions options) =>
        options is not { Teacher: { } teacher, Method.Objective: DistillOptions o } ? [] :
    [
        ("network", teacher.Weights), ("teacher-arch", teacher.NetworkOfRun()), ("teacher-size", Wording.Number(teacher.Size)),
        ("teacher-views", teacher.Views.ToString().ToLowerInvariant()),
        ("teacher-loss", o.Loss.ToString().ToLowerInvariant()), ("teacher-weight", o.Beside is null ? null : Wording.Number(o.Weight)),
        ("spatial-weight", o.SpatialWeight > 0 ? Wording.Number(o.SpatialWeight) : null),
    ];

    /// <summary>How the architecture of a run is learnt.</summary>
    private static IReadOnlyList<(string Key, string? Value)> Learning(LearningOptions o) =>
    [
        ("learn", o.Rule.ToString().ToLowerInvariant()), ("budget", o.Budget), ("held-out", Wording.Number(o.HeldOut)),
        ("alpha-warmup", Wording.Number(o.Warmup)), ("alpha-every", Wording.Number(o.Every)), ("alpha-rate", Wording.Number(o.Rate)),
        ("alpha-order", o.Rule == LearningRule.Darts ? Wording.Number(o.Order) : null),
        ("paths", o.Rule == LearningRule.Proxyless ? Wording.Number(o.Paths) : null), ("cost-weight", Wording.Number(o.CostWeight)),
    ];

    private static string Range(Interval interval) => $"[{Wording.Number(interval.Low)}, {Wording.Number(interval.High)}]";

    /// <summary>
    /// A text as YAML reads it back: in single quotes, or where it holds what ends lines or cannot be printed, in double ones with escapes.
    /// </summary>
    private static string Quoted(string text) => !text.Any(IsEscaped) ? $"'{text.Replace("'", "''", StringComparison.Ordinal)}'"
        : $"\"{string.Concat(text.Select(c => c is '"' or '\\' ? $"\\{c}" : IsEscaped(c) ? FormattableString.Invariant($"\\u{(int)c:X4}") : c.ToString()))}\"";

    private static bool IsEscaped(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF';
}
