using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit.Pure;

/// <summary>
/// The passes of a <see cref="Plan.Schedule"/> as kernels: which one each is, and what makes it takes. Every size is a number.
/// </summary>
internal sealed class PureSchedule
{
    /// <summary>What values are padded to: the kernels' <c>Lanes.Padded</c>.</summary>
    private const int Alignment = 16;

    private readonly NetworkPlan plan;
    private readonly FixedClassSpec spec;
    private readonly List<PureStep> steps;

    public PureSchedule(NetworkPlan plan, FixedClassSpec spec)
    {
        (this.plan, this.spec, Schedule) = (plan, spec, Schedule.OfPasses(plan, spec.Choices, spec.Size, spec.Head));
        // A class token is read where the tokens lie.
        steps = [.. Schedule.Steps.Where(step => step is not EmbeddingStep { IsInPlace: true }).Select(Step)];
        KeepInBytes();
    }

    /// <summary>What the steps are of.</summary>
    public Schedule Schedule { get; }

    public IReadOnlyList<PureStep> Steps => steps;

    /// <summary>The types that the class names.</summary>
    public IEnumerable<string> Kernels =>
        steps.Select(s => s.Kernel).Concat(steps.Where(s => s.Positions.Length > 0).Select(_ => "Positions"))
            .Concat(["Machine", "Weights", "Floats", "Copy", "Activation"]);

    /// <summary>Channels as they lie in memory.</summary>
    public static int Padded(int channels) => (channels + Alignment - 1) / Alignment * Alignment;

    /// <summary>
    /// The room that a value takes, in values of 32 bits. Kernels read and write whole vectors: what lies beyond an image is not its own.
    /// </summary>
    public int RoomOf(Value value) =>
        Length(value) / (steps.Exists(s => s.Gives.Length > 0 && s.Of.Output == value) ? sizeof(float) : 1) + Alignment;

    private static int Length(Value value) => (int)value.Positions * Padded(value.Channels);

    /// <summary>What layers that multiply bytes alone take, the pass before stores as their bytes, where it can.</summary>
    private void KeepInBytes()
    {
        for (var i = 0; i < steps.Count; i++)
        {
            var value = steps[i].Of.Output;
            var takers = steps.Where(s => s.Of.Input == value).ToList();
            if (!steps[i].MayGiveBytes || takers.Count == 0 || !takers.TrueForAll(t => t.MayTakeBytes)
                || steps.Exists(s => s.Of.Added == value) || value.Room == Schedule.Embedding.Room
                || Schedule.Taps.Any(t => t.Value == value))
                continue;
            steps[i] = steps[i] with { Gives = ((LayerStep)takers[0].Of).Key };
            for (var t = i + 1; t < steps.Count; t++)
                if (steps[t].Of.Input == value)
                    steps[t] = steps[t] with { TakesBytes = true };
        }
    }

    private PureStep Step(ScheduleStep step) => step switch
    {
        LayerStep layer => Step(layer),
        EmbeddingStep => new(step, "pool", "AveragePool", $"{step.Input.Channels}, {step.Input.Positions}"),
        LogitsStep => new(
            step, Names.Field(plan.HeadKey), "Linear",
            $"1, weights.Linear({Names.Literal(plan.HeadKey)}, {step.Output.Channels}, {step.Input.Channels})"),
        _ => throw new System.NotSupportedException($"a {step.GetType().Name} that no pass takes with it"),
    };

    private PureStep Step(LayerStep step)
    {
        var (layer, input, columns, kernel, stride) = (step.Layer, step.Input, step.Output.Channels, step.Kernel, step.Stride);
        var name = Names.Literal(step.Key);
        var activation = "Activation." + (step.Fused.FirstOrDefault(l => l.IsRectifier)?.Kind.ToString() ?? "None");
        // Minimal filtering pays where there are enough tiles to fill the products' rows, and enough channels to be worth transforming.
        var isFiltered = kernel == 3 && stride == 1 && input.Side > 8 && input.Channels >= 12 && columns >= 12;
        return layer.Kind switch
        {
            LayerKind.Conv when input == Schedule.Image =>
                Of("ImageConvolution", $"{Folded()}, {input.Channels}, {input.Side}, {kernel}, {stride}, {kernel / 2}, {activation}"),
            LayerKind.Conv or LayerKind.Depthwise or LayerKind.Linear when spec.Bytes?.Contains(step.Key) == true => InBytes(),
            LayerKind.Conv when kernel == 1 && stride == 1 => Of("Linear", $"{input.Positions}, {Folded()}, {activation}"),
            LayerKind.Conv when isFiltered => Of("Winograd", $"{Folded()}, {input.Channels}, {input.Side}, {activation}"),
            LayerKind.Conv => Of(
                "Convolution",
                $"{Folded()}.ChannelsLast({input.Channels}), {input.Channels}, {input.Side}, {kernel}, {stride}, {activation}"),
            LayerKind.Depthwise => Of("Depthwise", $"{Folded()}, {input.Side}, {kernel}, {stride}, {activation}"),
            LayerKind.MaxPool => Of("MaxPool", $"{input.Channels}, {input.Side}, {kernel}, {stride}"),
            LayerKind.Patches => Patches(),
            LayerKind.LayerNorm => Of(
                "LayerNorm",
                $"{input.Positions}, weights.Read({Names.Literal(step.Key + ".weight")}, {columns}), weights.Read({Names.Literal(step.Key + ".bias")}, {columns})"),
            LayerKind.Linear => Of("Linear", $"{input.Positions}, weights.Linear({name}, {columns}, {input.Channels})"),
            LayerKind.Attention => Of("Attention", $"{input.Positions}, {columns / layer.HeadSize}, {layer.HeadSize}"),
            LayerKind.Gelu => Of("Gelu", Digits.Of(Length(input))),
            _ => throw new System.NotSupportedException($"a {layer.Kind} that no pass takes with it"),
        };

        PureStep Of(string type, string arguments, string maker = "") =>
            new(step, Names.Field(step.Key), type, arguments) { Maker = maker };

        PureStep InBytes()
        {
            var weights = $"ByteMatrix.Read(weights, {name}, {columns}, {Seen()}{(layer.Kind == LayerKind.Linear ? "" : $", {kernel}")})";
            return layer.Kind == LayerKind.Depthwise
                ? Of("ByteSteps", $"{weights}, {input.Side}, {kernel}, {stride}, {activation}", "Depthwise")
                : kernel == 1 && stride == 1 || layer.Kind == LayerKind.Linear
                ? Of("ByteSteps", $"{input.Positions}, {weights}, {activation}", "Linear")
                : isFiltered
                ? Of("ByteSteps", $"{weights}, {input.Side}, {activation}", "Filtered")
                : Of("ByteSteps", $"{weights}, {input.Side}, {kernel}, {stride}, {activation}", "Convolution");
        }

        // The file of a class in 8 bits has no norms any more.
        string Folded() => spec.Bytes is null
            ? $"weights.Folded({name}, {Names.Literal(step.KeyOf(step.Fused.First(l => l.HasStatistics)))}, {columns}, {Seen()}, {kernel})"
            : $"weights.Convolution({name}, {columns}, {Seen()}, {kernel})";

        int Seen() => layer.Kind == LayerKind.Depthwise ? 1 : input.Channels;

        PureStep Patches()
        {
            var (token, positions) = (step.Fused.First(l => l.AddsToken), step.Fused.First(l => l.IsResizable));
            return Of(
                "ImageConvolution",
                $"weights.Convolution({name}, {columns}, {input.Channels}, {kernel}), {input.Channels}, {input.Side}, {kernel}, {stride}, 0, Activation.None") with
            {
                Positions =
                    $"weights.Read({Names.Literal(token.Name)}, 1, 1, {columns}), weights.Read({Names.Literal(positions.Name)}, 1, {positions.Length}, {columns}), {step.Output.Side}",
            };
        }
    }
}
