using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit;

internal sealed partial class FixedClassEmitter
{
    private void EmitForward()
    {
        var last = (plan.GivesTokens ? "tokens(x)" : "features(x)") + (plan.Taps.Count() == 1 ? "" : $".{plan.Taps.Last().Tap}");
        w.Summary(
            $"The embedding{(plan.GivesTokens ? ", which is the class token" : "")}: images [N, {plan.Space.InputChannels}, H, W] -> [N, {At(plan.Embedding)}].");
        w.Block("public override Tensor forward(Tensor x)", () =>
        {
            w.Line("using var scope = NewDisposeScope();");
            w.Line($"return {last}.{(plan.GivesTokens ? "select(1, 0).contiguous()" : "mean([2, 3])")}.MoveToOuterDisposeScope();");
        });
        w.Line();
        if (spec.Head == 0) return;
        w.Summary($"The classes' logits: images [N, {plan.Space.InputChannels}, H, W] -> [N, {spec.Head}].");
        w.Block("public Tensor classify(Tensor x)", () =>
        {
            w.Line("using var scope = NewDisposeScope();");
            w.Line($"return {Names.Field(HeadNode.Name)}.call(call(x)).MoveToOuterDisposeScope();");
        });
        w.Line();
    }

    /// <summary>The maps for dense tasks; a transformer computes tokens and makes maps of them.</summary>
    private void EmitFeatures()
    {
        var taps = plan.Taps.Select(s => s.Tap).ToList();
        w.Line("/// <summary>");
        w.Line($"/// The feature maps{(plan.GivesTokens ? ", without the class token" : " of the stages")}; at {spec.Size} pixels:");
        for (var i = 1; i < plan.Segments.Count; i++)
        {
            var (segment, side) = (plan.Segments[i], plan.Geometry.SideAt(plan.Geometry.After(i), spec.Size));
            if (segment.Tap.Length > 0)
                w.Line($"/// {segment.Tap} [N, {At(segment.Out)}, {side}, {side}]{(segment.Tap == taps[taps.Count - 1] ? "." : ",")}");
        }
        w.Line("/// </summary>");
        if (plan.GivesTokens)
        {
            w.Block($"public {TupleType(taps)} features(Tensor x)", () =>
            {
                w.Line("using var scope = NewDisposeScope();");
                w.Line($"var {Tuple(taps.Select(Local))} = tokens(x);");
                w.Line($"return {Tuple(taps.Select(t => $"map({Local(t)}).MoveToOuterDisposeScope()"))};");
            });
            w.Line();
        }
        w.Block($"{(plan.GivesTokens ? $"private {TupleType(taps)} tokens" : $"public {TupleType(taps)} features")}(Tensor x)", () =>
        {
            w.Line("using var scope = NewDisposeScope();");
            if (norms.Count > 0) w.Line("x = channels_last(x);");
            EmitTrunk();
            w.Line($"return {Tuple(taps.Select(t => $"{Local(t)}.MoveToOuterDisposeScope()"))};");
        });
        w.Line();
        if (blocks.Any(b => b.Block.Container.Length > 0 && IsShared(b.Block.Container))) w.Line(RunBody).Line();
        if (plan.GivesTokens) w.Line(TokenBodies).Line();
        if (norms.Count > 0) w.Line(ChannelsLastBodies).Line();
    }

    private static string Local(string tap) => tap.ToLowerInvariant();

    /// <summary>A tuple of one is no tuple in C#.</summary>
    private static string Tuple(IEnumerable<string> items) => items.Count() == 1 ? items.First() : $"({string.Join(", ", items)})";

    private static string TupleType(List<string> taps) =>
        taps.Count == 1 ? "Tensor" : $"({string.Join(", ", taps.Select(t => $"Tensor {t}"))})";

    /// <summary>The segments one after the other, from x to the last tap.</summary>
    private void EmitTrunk()
    {
        var (value, declared, pending) = ("x", false, 0);
        for (var i = 0; i < plan.Segments.Count; i++)
        {
            var segment = plan.Segments[i];
            var container = segment.Blocks[0].Container;
            var tapped = i > 0 && segment.Tap.Length > 0;
            if (container.Length == 0)
            {
                EmitLayers(i, tapped);
                continue;
            }
            if (!IsShared(container))
            {
                Assign($"{ListField(container)}.call({value})", tapped ? segment.Tap : "");
                continue;
            }
            // Segments that share a container and end without a tap run on into the next.
            var active = blocks.Where(b => b.Block.Container == container).ToList();
            var end = active.FindLastIndex(b => b.Segment == segment) + 1;
            var goesOn = !tapped && i + 1 < plan.Segments.Count && plan.Segments[i + 1].Blocks[0].Container == container;
            if (goesOn) continue;
            Assign($"run({ListField(container)}, {pending}, {end}, {value})", tapped ? segment.Tap : "");
            pending = end;
        }

        void EmitLayers(int index, bool tapped)
        {
            var (segment, place) = (plan.Segments[index], 0);
            var block = segment.Blocks[0];
            var nodes = ModuleNode.Of(block.Template.Layers);
            foreach (var node in nodes)
            {
                place += node.Layers.Count();
                var shape = ShapeAt(plan.Geometry.Of(index, 0)[place - 1], At(segment.Out));
                Assign(
                    layers.Apply(node, value), tapped && node == nodes[nodes.Count - 1] ? segment.Tap : "",
                    node.Layer is { HasStatistics: true } ? "" : $" // {shape}");
            }
        }

        void Assign(string expression, string tap, string comment = "")
        {
            var target = tap.Length > 0 ? Local(tap) : "y";
            w.Line($"{(tap.Length > 0 || !declared ? "var " : "")}{target} = {expression};{comment}");
            declared |= tap.Length == 0;
            value = target;
        }
    }

    private string ShapeAt(Place place, long channels)
    {
        var side = plan.Geometry.SideAt(place, spec.Size);
        return place.Tokens ? $"[N, {plan.Geometry.PositionsAt(place, spec.Size)}, {channels}]" : $"[N, {channels}, {side}, {side}]";
    }

    private const string RunBody = """
        private static Tensor run(ModuleList<Module<Tensor, Tensor>> blocks, int first, int end, Tensor x)
        {
            using var scope = NewDisposeScope();
            for (var i = first; i < end; i++) x = blocks[i].call(x);
            return x.MoveToOuterDisposeScope();
        }
        """;

    /// <summary>Without it, every convolution brings its map and its kernel into an order of its own first, and the result back.</summary>
    private const string ChannelsLastBodies = """
        /// <summary>The same values [N, C, H, W], with the channels side by side in memory: what convolutions compute fastest on.</summary>
        private static Tensor channels_last(Tensor x) => x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

        /// <summary>Weights that nothing trains a library may keep in an order of its own.</summary>
        private void prepare_for_inference()
        {
            using var grad = no_grad();
            using var scope = NewDisposeScope();
            foreach (var parameter in parameters())
            {
                parameter.requires_grad = false;
                if (parameter.dim() == 4) parameter.set_(channels_last(parameter));
            }
        }
        """;

    private const string TokenBodies = """
        /// <summary>Tokens of a square image as a map, without the class token: [N, 1 + H * W, C] -> [N, C, H, W].</summary>
        private static Tensor map(Tensor tokens)
        {
            var side = (long)Math.Sqrt(tokens.shape[1] - 1);
            return tokens.narrow(1, 1, side * side).transpose(1, 2).unflatten(2, side, side);
        }

        /// <summary>Positions [1, 1 + T, C] for a square image of another size: bicubic over the map; the class token keeps its own.</summary>
        private static Tensor resize(Tensor positions, long tokens)
        {
            if (positions.shape[1] == tokens) return positions;
            var side = (long)Math.Sqrt(tokens - 1);
            var grid = functional.interpolate(map(positions).contiguous(), size: [side, side], mode: InterpolationMode.Bicubic, align_corners: false);
            return cat([positions.narrow(1, 0, 1), grid.flatten(2).transpose(1, 2)], 1);
        }
        """;
}
