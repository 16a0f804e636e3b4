using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit.Pure;

/// <summary>
/// The passes of one architecture at one image size, in order: each convolution with its BatchNorm, activation and addition is one pass,
/// and every size is a number.
/// </summary>
internal sealed class PureSchedule
{
    /// <summary>Stands for the segment of what comes behind the last.</summary>
    public const string Output = "";

    private readonly NetworkPlan plan;
    private readonly FixedClassSpec spec;
    private readonly List<PureStep> steps = [];
    private readonly List<(string Tap, Value Value)> taps = [];
    private int values;

    public PureSchedule(NetworkPlan plan, FixedClassSpec spec)
    {
        (this.plan, this.spec) = (plan, spec);
        Image = new(values++, plan.Space.InputChannels, spec.Size);
        var value = Image;
        foreach (var placed in plan.ActiveBlocks(spec.Choices))
        {
            value = Block(placed, value);
            var isLast = placed.Index + 1 == placed.Segment.DepthAt(spec.Choices);
            if (isLast && placed.Segment != plan.Segments[0] && placed.Segment.Tap.Length > 0) taps.Add((placed.Segment.Tap, value));
        }
        Last = value;
        Embedding = plan.GivesTokens ? value : Vector("pool", "AveragePool", $"{value.Channels}, {value.Positions}", value, value.Channels);
        if (spec.Head > 0)
            Logits = Vector(
                Names.Field(plan.HeadKey), "Linear", $"1, weights.Linear({Names.Literal(plan.HeadKey)}, {spec.Head}, {value.Channels})",
                Embedding, spec.Head);
        KeepInBytes();
    }

    public IReadOnlyList<PureStep> Steps => steps;

    /// <summary>The types that the class names.</summary>
    public IEnumerable<string> Kernels =>
        steps.Select(s => s.Kernel).Concat(steps.Where(s => s.Positions.Length > 0).Select(_ => "Positions"))
            .Concat(["Machine", "Weights", "Floats", "Copy", "Activation"]);

    /// <summary>The image as it comes, [C, H, W].</summary>
    public Value Image { get; }

    /// <summary>The network's last map or tokens.</summary>
    public Value Last { get; }

    /// <summary>Its mean, or the tokens of which the first is the embedding.</summary>
    public Value Embedding { get; }

    public Value? Logits { get; }

    public IReadOnlyList<(string Tap, Value Value)> Taps => taps;

    /// <summary>What layers that multiply bytes alone take, the pass before stores as their bytes, where it can.</summary>
    private void KeepInBytes()
    {
        for (var i = 0; i < steps.Count; i++)
        {
            var value = steps[i].Output;
            var takers = steps.Where(s => s.Input == value).ToList();
            if (!steps[i].MayGiveBytes || takers.Count == 0 || !takers.TrueForAll(t => t.MayTakeBytes)
                || steps.Exists(s => s.Added == value) || value == Embedding || taps.Exists(t => t.Value == value))
                continue;
            var bytes = value with { InBytes = true };
            steps[i] = steps[i] with { Output = bytes, Gives = takers[0].Bytes };
            for (var t = i + 1; t < steps.Count; t++)
                if (steps[t].Input == value)
                    steps[t] = steps[t] with { Input = bytes };
        }
    }

    private Value Block(PlacedBlock placed, Value value)
    {
        var block = placed.Block;
        foreach (var branch in block.Template.Branches)
        {
            var shortcut = block.TakesOptional && branch.Alternative is { } alternative ? alternative : branch.Shortcut;
            var added = shortcut switch
            {
                Shortcut.Identity => value,
                Shortcut.Projection => Run(placed, branch.Projection, [], value, added: null),
                _ => null,
            };
            value = Run(placed, branch.Layers, branch.After, value, added);
        }
        return value;
    }

    /// <summary>A run of layers; what is added, and what follows the sum, belong to the last of them that computes.</summary>
    private Value Run(PlacedBlock placed, IEnumerable<Layer> run, IEnumerable<Layer> after, Value value, Value? added)
    {
        var layers = run.ToList();
        for (var i = 0; i < layers.Count; i++)
        {
            var (layer, first) = (layers[i], i);
            // What a convolution's pass takes with it: its norm, and the activation behind the norm.
            while (i + 1 < layers.Count
                && layers[i + 1].Kind is LayerKind.BatchNorm or LayerKind.Relu or LayerKind.Relu6 or LayerKind.ClassToken
                    or LayerKind.Positions)
                i++;
            var isLast = i == layers.Count - 1;
            var fused = layers.Skip(first + 1).Take(i - first).Concat(isLast ? after : []).ToList();
            value = Step(placed, layer, fused, value, isLast ? added : null);
        }
        return value;
    }

    private Value Step(PlacedBlock placed, Layer layer, List<Layer> fused, Value input, Value? added)
    {
        var block = placed.Block;
        var key = NetworkPlan.KeyOf(placed.Key, layer);
        var (segment, field, name) = (placed.Segment.Name, Names.Field(key), Names.Literal(key));
        var (kernel, stride) = ((int)At(block.KernelOf(layer)), block.StrideOf(layer));
        var columns = layer.Out.Length == 0 ? input.Channels : (int)At(layer.Parts * block.Port(layer.Out));
        var side = stride == 1 ? input.Side : new Reduction(layer.Reach, stride).Of(input.Side);
        var activation = "Activation."
            + (fused.FirstOrDefault(l => l.Kind is LayerKind.Relu or LayerKind.Relu6)?.Kind.ToString() ?? "None");
        return layer.Kind switch
        {
            LayerKind.Conv when input == Image =>
                Add("ImageConvolution", $"{Folded()}, {input.Channels}, {input.Side}, {kernel}, {stride}, {kernel / 2}, {activation}"),
            LayerKind.Conv or LayerKind.Depthwise or LayerKind.Linear when spec.Bytes?.Contains(key) == true => InBytes(),
            LayerKind.Conv when kernel == 1 && stride == 1 => Add("Linear", $"{input.Positions}, {Folded()}, {activation}"),
            LayerKind.Conv when kernel == 3 && stride == 1 && IsFilteredMinimally(input, columns) =>
                Add("Winograd", $"{Folded()}, {input.Channels}, {input.Side}, {activation}"),
            LayerKind.Conv => Add(
                "Convolution",
                $"{Folded()}.ChannelsLast({input.Channels}), {input.Channels}, {input.Side}, {kernel}, {stride}, {activation}"),
            LayerKind.Depthwise => Add("Depthwise", $"{Folded()}, {input.Side}, {kernel}, {stride}, {activation}"),
            LayerKind.MaxPool => Add("MaxPool", $"{input.Channels}, {input.Side}, {kernel}, {stride}"),
            LayerKind.Patches => Patches(),
            LayerKind.LayerNorm => Add(
                "LayerNorm",
                $"{input.Positions}, weights.Read({Names.Literal(key + ".weight")}, {columns}), weights.Read({Names.Literal(key + ".bias")}, {columns})"),
            LayerKind.Linear => Add("Linear", $"{input.Positions}, weights.Linear({name}, {columns}, {input.Channels})"),
            LayerKind.Attention => Add("Attention", $"{input.Positions}, {columns / layer.Length}, {layer.Length}"),
            LayerKind.Gelu => Add("Gelu", Digits.Of(input.Length)),
            _ => throw new System.NotSupportedException($"a {layer.Kind} that no pass takes with it"),
        };

        Value Add(string type, string arguments, string maker = "")
        {
            var output = input with { Id = values++, Channels = columns, Side = side };
            steps.Add(new(segment, field, type, arguments, input, output, added) { Maker = maker, Bytes = maker.Length > 0 ? key : "" });
            return output;
        }

        Value InBytes()
        {
            var weights = $"ByteMatrix.Read(weights, {name}, {columns}, {Seen()}{(layer.Kind == LayerKind.Linear ? "" : $", {kernel}")})";
            return layer.Kind == LayerKind.Depthwise
                ? Add("ByteSteps", $"{weights}, {input.Side}, {kernel}, {stride}, {activation}", "Depthwise")
                : kernel == 1 && stride == 1 || layer.Kind == LayerKind.Linear
                ? Add("ByteSteps", $"{input.Positions}, {weights}, {activation}", "Linear")
                : kernel == 3 && stride == 1 && IsFilteredMinimally(input, columns)
                ? Add("ByteSteps", $"{weights}, {input.Side}, {activation}", "Filtered")
                : Add("ByteSteps", $"{weights}, {input.Side}, {kernel}, {stride}, {activation}", "Convolution");
        }

        // The file of a class in 8 bits has no norms any more.
        string Folded() => spec.Bytes is null ? Normed() : $"weights.Convolution({name}, {columns}, {Seen()}, {kernel})";

        int Seen() => layer.Kind == LayerKind.Depthwise ? 1 : input.Channels;

        string Normed() =>
            $"weights.Folded({name}, {Names.Literal(NetworkPlan.KeyOf(placed.Key, fused.First(l => l.Kind == LayerKind.BatchNorm)))}, {columns}, {Seen()}, {kernel})";

        Value Patches()
        {
            var (token, positions) = (fused.First(l => l.Kind == LayerKind.ClassToken), fused.First(l => l.Kind == LayerKind.Positions));
            var output = new Value(values++, columns, side, Extra: 1, Tokens: true);
            steps.Add(
                new(
                    segment, field, "ImageConvolution",
                    $"weights.Convolution({name}, {columns}, {input.Channels}, {kernel}), {input.Channels}, {input.Side}, {kernel}, {stride}, 0, Activation.None",
                    input, output)
                {
                    Positions =
                    $"weights.Read({Names.Literal(token.Name)}, 1, 1, {columns}), weights.Read({Names.Literal(positions.Name)}, 1, {positions.Length}, {columns}), {side}",
                });
            return output;
        }
    }

    /// <summary>
    /// Minimal filtering pays where there are enough tiles to fill the products' rows, and enough channels to be worth transforming.
    /// </summary>
    private static bool IsFilteredMinimally(Value input, int columns) => input.Side > 8 && input.Channels >= 12 && columns >= 12;

    private Value Vector(string field, string kernel, string arguments, Value input, int channels)
    {
        var output = new Value(values++, channels, Side: 1);
        steps.Add(new(Output, field, kernel, arguments, input, output));
        return output;
    }

    private long At(Quantity quantity) => quantity.At(spec.Choices);
}
