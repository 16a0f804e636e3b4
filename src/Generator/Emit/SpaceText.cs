using System.Linq;
using DataSsl.Generator.Model;

namespace DataSsl.Generator.Emit;

/// <summary>
/// A space as canonical YAML: what a compiled space carries so that tools can lower it again. Comments and layout of the user's file do not enter, so editing them
/// emits nothing new.
/// </summary>
internal static class SpaceText
{
    public static string ToYaml(Space space)
    {
        var w = new SourceWriter();
        w.Line($"space: {space.Name}").Line($"namespace: {space.Namespace}").Line($"family: {space.Family}");
        if (space.Summary.Length > 0) w.Line($"summary: '{space.Summary.Replace("'", "''")}'");
        w.Line($"input: {{ channels: {Names.Number(space.InputChannels)}, size: {Names.Number(space.InputSize)} }}");
        w.Line($"stem: {{ {(space.LowResolutionStem ? "resolution: low, " : "")}{(space.PatchSize > 0 ? $"patch: {Names.Number(space.PatchSize)}, " : "")}{Axes("stem")} }}");
        w.Line("stages:");
        for (var i = 0; i < space.Strides.Count; i++) w.Line($"  - {{ {(space.PatchSize > 0 ? "" : $"stride: {Names.Number(space.Strides[i])}, ")}{Axes($"stage{i + 1}")} }}");
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
