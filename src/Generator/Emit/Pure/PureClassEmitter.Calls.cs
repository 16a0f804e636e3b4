using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit.Pure;

internal sealed partial class PureClassEmitter
{
    private void EmitEmbed()
    {
        EmitVector(
            "Embed", "embeddings", "Width",
            $"The embeddings{(plan.GivesTokens ? ", which are the class tokens" : "")}: images [N, {schedule.Image.Channels}, {spec.Size}, {spec.Size}], normalised, -> [N, {schedule.Embedding.Channels}].",
            "EmbeddingAt");
        if (schedule.Logits is not null)
            EmitVector(
                "Classify", "logits", "Classes",
                $"The classes' logits: images [N, {schedule.Image.Channels}, {spec.Size}, {spec.Size}], normalised, -> [N, {spec.Head}].",
                "LogitsAt");
    }

    private void EmitVector(string method, string target, string length, string summary, string place)
    {
        w.Summary(summary);
        w.Block($"public void {method}(ReadOnlySpan<float> images, Span<float> {target})", () =>
        {
            w.Line("var count = CountOf(images);");
            w.Line($"Check({target}, count * {length}, nameof({target}));");
            w.Block("for (var i = 0; i < count; i++)", () =>
            {
                w.Line($"Run(images.Slice(i * ImageLength, ImageLength){string.Concat(schedule.Taps.Select(_ => ", null"))});");
                w.Line($"new ReadOnlySpan<float>(memory.Pointer + {place}, {length}).CopyTo({target}[(i * {length})..]);");
            });
        });
        w.Line();
    }

    private void EmitFeatures()
    {
        var taps = schedule.Taps;
        w.Line("/// <summary>");
        w.Line("/// The feature maps for dense tasks; an empty span for a map that is not wanted:");
        foreach (var (tap, value) in taps)
            w.Line($"/// {tap} [N, {value.Channels}, {value.Side}, {value.Side}]{(tap == taps[taps.Count - 1].Tap ? "." : ",")}");
        w.Line("/// </summary>");
        w.Block($"public void Features(ReadOnlySpan<float> images{string.Concat(taps.Select(t => $", Span<float> {Local(t.Tap)}"))})", () =>
        {
            w.Line("var count = CountOf(images);");
            foreach (var (tap, value) in taps)
                w.Line($"if (!{Local(tap)}.IsEmpty) Check({Local(tap)}, count * {Length(tap)}, nameof({Local(tap)}));");
            w.Block($"fixed (float* {string.Join(", ", taps.Select(t => $"{Pointer(t.Tap)} = {Local(t.Tap)}"))})", () =>
                w.Line(
                    $"for (var i = 0; i < count; i++) Run(images.Slice(i * ImageLength, ImageLength){string.Concat(taps.Select(t => $", At({Pointer(t.Tap)}, i * {Length(t.Tap)})"))});"));
        });
        w.Line();
        w.Line("private static float* At(float* maps, int offset) => maps == null ? null : maps + offset;").Line();
    }

    private void EmitRun()
    {
        w.Summary("One image through all passes; the shapes are [C, H, W]" + (plan.GivesTokens ? " or [tokens, C]." : "."));
        w.Block($"private void Run(ReadOnlySpan<float> image{string.Concat(schedule.Taps.Select(t => $", float* {Local(t.Tap)}"))})", () =>
        {
            w.Line("// Where maps lie: each at its place for as long as a pass needs it.");
            w.Line(
                $"float* {string.Join(", ", places.Select((offset, i) => $"{PlaceName(i)} = memory.Pointer{(offset == 0 ? "" : $" + {Digits.Of(offset)}")}"))};");
            w.Line($"image.CopyTo(new Span<float>({At(schedule.Image)}, image.Length));");
            foreach (var segment in passes.Steps.GroupBy(s => (s.Of as BlockStep)?.Block.Segment.Name))
            {
                w.Line();
                if (segment.Key is not null) w.Line($"// {segment.Key}");
                foreach (var step in segment) EmitCall(step);
                foreach (var (tap, value) in schedule.Taps.Where(t => t.Value == segment.Last().Of.Output)) EmitTap(tap, value);
            }
            w.Line().Line("// The passes hold pointers alone, which keep no memory alive.").Line("GC.KeepAlive(this);");
        });
        w.Line();
    }

    private void EmitCall(PureStep step)
    {
        var (input, output) = (step.Of.Input, step.Of.Output);
        if (step.Positions.Length == 0)
        {
            w.Line(
                $"{step.Field}.Run({At(input)}, {At(output)}{(step.Of.Added is { } added ? $", {At(added)}" : "")}); // {step.Shape}");
            return;
        }
        w.Line($"{PositionsField}.CopyToken({At(output)});");
        w.Line(
            $"{step.Field}.Run({At(input)}, {At(output, PureSchedule.Padded(output.Channels))}, {PositionsField}.OfMap); // {step.Shape}");
    }

    private void EmitTap(string tap, Value value) =>
        w.Line(
            $"if ({Local(tap)} != null) Copy.ToPlanes({At(value, value.Extra * PureSchedule.Padded(value.Channels))}, {Digits.Of(value.Side * value.Side)}, {Digits.Of(value.Channels)}, {Local(tap)});");

    private void EmitChecks()
    {
        w.Block("private static int CountOf(ReadOnlySpan<float> images)", () =>
        {
            w.Line(
                $"if (images.Length % ImageLength != 0) throw new ArgumentException($\"{{images.Length}} values are no images of {schedule.Image.Channels} x {spec.Size} x {spec.Size}\", nameof(images));");
            w.Line("return images.Length / ImageLength;");
        });
        w.Line();
        w.Block("private static void Check(ReadOnlySpan<float> target, int length, string name)", () =>
            w.Line(
                "if (target.Length != length) throw new ArgumentException($\"{target.Length} values, where {length} are given\", name);"));
    }

    private string At(Value value, int further = 0) =>
        PlaceName(places.IndexOf(buffers[value])) + (further == 0 ? "" : $" + {Digits.Of(further)}");

    /// <summary>a to z, then a1 to z1.</summary>
    private static string PlaceName(int index) => (char)('a' + index % 26) + (index < 26 ? "" : Digits.Of(index / 26));

    private static string Length(string tap) => tap + "Length";

    private static string Local(string tap) => tap.ToLowerInvariant();

    private static string Pointer(string tap) => Local(tap) + "Maps";
}
