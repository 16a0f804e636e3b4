using System.Globalization;
using System.Text;
using DataSsl.Cli.Training;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Views;

namespace DataSsl.Cli.Recipes;

/// <summary>Writes a run's configuration as the recipe that gives it again, every default resolved: what a run keeps beside its checkpoints.</summary>
internal static class RecipeText
{
    public const string FileName = "run.recipe.yaml";

    public static string Of(TrainOptions options)
    {
        var (method, text) = (options.Method, new StringBuilder());
        Section("network", ("space", options.Space), ("arch", method.Architecture), ("rule", method.Architecture is null ? method.Rule.ToString() : null), ("compute", options.Compute));
        Section("objective", [("name", method.Objective.Name), .. MethodOptions.Given(method.Objective).Select(o => (o.Option[2..], (string?)o.Value)), ("norm-groups", Number(method.NormGroups))]);
        if (ViewPlan.Names.Contains(method.Views.Name) && ViewPlan.Named(method.Views.Name, options.Size) == method.Views) text.Append(CultureInfo.InvariantCulture, $"views: {method.Views.Name}\n");
        else Write(method.Views);
        Section("optimizer",
            ("name", method.Optimizer.Kind.ToString().ToLowerInvariant()), ("rate", Number(options.Rate)), ("final-rate", Number(options.FinalRate)), ("warmup", Number(options.WarmupEpochs)),
            // A decay that changes over the run is the objective's own; as an option it would be one that does not.
            ("weight-decay", method.Optimizer.FinalWeightDecay is null ? Number(method.Optimizer.WeightDecay) : null),
            ("clip", Number(method.Optimizer.Clip)));
        Section("data", ("path", Quoted(options.Data)), ("size", Number(options.Size)));
        Section("schedule", ("epochs", Number(options.Epochs)), ("batch", Number(options.Batch)), ("seed", Number(options.Seed)));
        return text.ToString();

        void Section(string name, params IReadOnlyList<(string Key, string? Value)> entries)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}:\n");
            foreach (var (key, value) in entries)
                if (value is not null) text.Append(CultureInfo.InvariantCulture, $"  {key}: {value}\n");
        }

        void Write(ViewPlan plan)
        {
            text.Append(CultureInfo.InvariantCulture, $"views:\n  name: {Quoted(plan.Name)}\n  crops:\n");
            foreach (var view in plan.Views) Crop(view);
            text.Append("  pairs:\n");
            foreach (var term in plan.Terms)
                text.Append(CultureInfo.InvariantCulture, $"    - {{ target: {Quoted(plan.Views[term.Target].Name)}, prediction: {Quoted(plan.Views[term.Prediction].Name)}, weight: {Number(term.Weight)} }}\n");
        }

        void Crop(PlannedView view)
        {
            var r = view.Recipe;
            var roles = string.Join(", ", new[] { ViewRoles.Student, ViewRoles.Teacher }.Where(role => view.Roles.HasFlag(role)).Select(role => role.ToString().ToLowerInvariant()));
            text.Append(CultureInfo.InvariantCulture, $"    - name: {Quoted(view.Name)}\n      size: {r.Size}\n      seen-by: [{roles}]\n      area: {Range(r.Area)}\n      aspect: {Range(r.Aspect)}\n");
            text.Append(CultureInfo.InvariantCulture, $"      interpolation: {(r.Interpolation == Interpolation.Bicubic ? "bicubic" : "bilinear")}\n      flip: {Number(r.FlipChance)}\n");
            text.Append(CultureInfo.InvariantCulture, $"      jitter: {{ chance: {Number(r.JitterChance)}, brightness: {Number(r.Brightness)}, contrast: {Number(r.Contrast)}, saturation: {Number(r.Saturation)}, hue: {Number(r.Hue)} }}\n");
            text.Append(CultureInfo.InvariantCulture, $"      gray: {Number(r.GrayChance)}\n      blur: {{ chance: {Number(r.BlurChance)}, sigma: {Range(r.BlurSigma)} }}\n      solarize: {Number(r.SolarizeChance)}\n");
        }
    }

    private static string Range(Interval interval) => $"[{Number(interval.Low)}, {Number(interval.High)}]";

    private static string Number<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
