using System.Linq;
using DataSsl.Generator.Plan;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Emit;

/// <summary>
/// A space as canonical YAML: what a compiled space carries so that tools can lower it again. Comments and layout of the user's file do not
/// enter, so editing them emits nothing new.
/// </summary>
internal static class SpaceText
{
    public static string ToYaml(Space space)
    {
        var w = new SourceWriter();
        w.Line($"space: {space.Name}").Line($"namespace: {space.Namespace}").Line($"family: {space.Family}");
        // Escaped quotes keep three in a row, which would end the raw string of the emitted code, from ever arising.
        if (space.Summary.Length > 0) w.Line($"summary: \"{space.Summary.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"");
        w.Line(
            $"input: {{ channels: {Digits.Of(space.InputChannels)}, size: {(space.InputSizes.Count == 1 ? Digits.Of(space.InputSize) : $"[{Names.List(space.InputSizes)}]")} }}");
        w.Line(
            $"stem: {{ {(space.LowResolutionStem ? "resolution: low, " : "")}{(space.PatchSize > 0 ? $"patch: {Digits.Of(space.PatchSize)}, " : "")}{Axes("stem")} }}");
        w.Line("stages:");
        for (var i = 0; i < space.Strides.Count; i++)
            w.Line($"  - {{ {(space.PatchSize > 0 ? "" : $"stride: {Digits.Of(space.Strides[i])}, ")}{Axes($"stage{i + 1}")} }}");
        if (space.Constraints.Count > 0) w.Line("constraints:");
        foreach (var constraint in space.Constraints) w.Line($"  - {constraint.Over(space.Axes)}");
        if (space.Budgets.Count > 0) w.Line("budgets:");
        foreach (var budget in space.Budgets) w.Line($"  {budget.Name}: {budget.Text}");
        if (space.Anchors.Count > 0) w.Line("anchors:");
        foreach (var anchor in space.Anchors)
        {
            var kinds = space.Axes.Select(a => a.Kind).Distinct().Select(kind =>
                $"{kind}: [{Names.List(anchor.Choices.Where((_, i) => space.Axes[i].Kind == kind))}]");
            w.Line($"  {anchor.Name}: {{ {string.Join(", ", kinds)} }}");
        }
        return w.ToString();

        string Axes(string segment) =>
            string.Join(", ", space.Axes.Where(a => a.Segment == segment).Select(a => $"{a.Kind}: [{Names.List(a.Values)}]"));
    }
}
